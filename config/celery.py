"""The Celery app and the one static beat schedule: what wakes the timers."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker that is away for hours must not end the worker
    broker_transport_options={
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "polling_interval": 0.02,
        # A row is the work, a message only says "look": none is worth an acknowledgement of Redis.
        # One that was not answered in time would leave the worker waiting for ever, without a word.
        "ack_emulation": False,
    },
    timezone="UTC",
    beat_scheduler="celery.beat:Scheduler",  # keeps no file: there is nothing to remember
    beat_schedule={
        # A tick that nobody took within its interval is worthless: the next one sees the same rows.
        "sweep": {
            "task": "escalation.tasks.sweep",
            "schedule": 1.0,
            "options": {"expires": 5, "ignore_result": True},
        },
        "rates": {
            "task": "escalation.tasks.hear_rates",
            "schedule": 10.0,
            "options": {"expires": 10, "ignore_result": True},
        },
        "deliver": {
            "task": "tickets.outbox.tasks.deliver_due",
            "schedule": 1.0,
            "options": {"expires": 5, "ignore_result": True},
        },
        "incident news": {
            "task": "escalation.incidents.tasks.spread",
            "schedule": 2.0,
            "options": {"expires": 10, "ignore_result": True},
        },
        "incident severity": {
            "task": "escalation.incidents.tasks.judge",
            "schedule": 30.0,
            "options": {"expires": 30, "ignore_result": True},
        },
        "forgotten subscribers": {
            "task": "escalation.incidents.tasks.forget",
            "schedule": 3600.0,
            "options": {"expires": 600, "ignore_result": True},
        },
        "incoming": {
            "task": "tickets.inbound.tasks.process_waiting",
            "schedule": 10.0,
            "options": {"expires": 30, "ignore_result": True},
        },
        "notifications": {
            "task": "tickets.telling.tasks.tell_by_mail",
            "schedule": 10.0,
            "options": {"expires": 10, "ignore_result": True},
        },
        "old notifications": {
            "task": "tickets.telling.tasks.forget_old",
            "schedule": 3600.0,
            "options": {"expires": 600, "ignore_result": True},
        },
        "routing": {
            "task": "tickets.routing.tasks.try_again",
            "schedule": 30.0,
            "options": {"expires": 30, "ignore_result": True},
        },
    },
)
# Without this the tasks of an in-process worker silently never run.
app.set_default()
app.autodiscover_tasks(
    [
        "escalation",
        "escalation.incidents",
        "tickets.outbox",
        "tickets.inbound",
        "tickets.routing",
        "tickets.telling",
    ]
)
