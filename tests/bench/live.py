"""Five hundred agents at work: gunicorn for pages, uvicorn for the stream, all on this machine.

Each holds a stream, says every twenty seconds that it is on its ticket, opens a page every half
minute, and, where it looks at a queue, asks for its rows when it hears of a change, as lists.js does.
"""

import asyncio
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.bench.lateness import ROOT, _megabytes
from tests.faults.servers import free_port
from tickets.live.publishing import publisher
from tickets.models import Ticket
from tickets.people.models import Membership, Team, User
from tickets.services import conversation

AGENTS, SECONDS, CHANGES = 500, 60, 60
BEAT, PAGE = 20, 30  # seconds between two of an agent's
WORKERS = 4


@dataclass
class Agent:
    cookies: str
    secret: str
    ticket: str
    watches_queue: bool


@dataclass
class Found:
    """What was measured, in milliseconds; by kind of request, and from commit to browser."""

    spans: dict[str, list[float]] = field(default_factory=dict)
    commits: dict[int, float] = field(default_factory=dict)
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def measure() -> dict[str, Any]:
    agents = _agents()
    pages, stream = free_port(), free_port()
    try:
        with _servers(pages, stream) as (web, streaming):
            found = asyncio.run(_day(agents, pages, stream))
            memory = {"stream": _megabytes(streaming.pid), "pages": _megabytes(web.pid)}
    finally:
        Session.objects.all().delete()
        User.objects.filter(username__startswith="bench-").delete()
    late = [(at - found.commits[event]) * 1000 for event, at in found.arrivals if event in found.commits]  # fmt: skip
    figures: dict[str, Any] = {"agents connected": AGENTS, "… errors": len(found.errors)}
    for kind, spans in (*sorted(found.spans.items()), ("change told", late)):
        figures |= {
            f"{kind} with them, p50 ms": statistics.median(spans),
            f"{kind} with them, p95 ms": sorted(spans)[int(len(spans) * 0.95) - 1],
            f"… so many ({kind})": len(spans),
        }
    for each in found.errors[:5]:
        print(each)
    return figures | {f"memory of the {name} with them, MB": size for name, size in memory.items()}


def _agents() -> list[Agent]:
    """Spread over the teams there are; each on a ticket of its team."""
    teams = list(Team.objects.order_by("pk"))
    tickets = {each.pk: list(each.tickets.active()[:50].values_list("reference", flat=True)) for each in teams}  # fmt: skip
    people = User.objects.bulk_create(
        User(username=f"bench-{n}", first_name=f"Agent {n}", password="!") for n in range(AGENTS)
    )
    agents = []
    for n, user in enumerate(people):
        team = teams[n % len(teams)]
        Membership.objects.create(user=user, team=team)
        client = Client()
        client.force_login(user)
        secret = secrets.token_hex(16)
        cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={secret}"
        agents.append(Agent(cookies, secret, random.choice(tickets[team.pk]), n % 2 == 0))
    return agents


@contextmanager
def _servers(pages: int, stream: int) -> Iterator[tuple[Any, Any]]:
    web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", str(WORKERS), "--bind",
           f"127.0.0.1:{pages}", "--backlog", "2048"]  # fmt: skip
    streaming = [sys.executable, "-m", "uvicorn", "config.stream:application", "--port", str(stream),
                 "--log-level", "warning", "--timeout-graceful-shutdown", "2"]  # fmt: skip
    processes = [
        subprocess.Popen(each, cwd=ROOT, env=dict(os.environ)) for each in (web, streaming)
    ]
    try:
        yield processes[0], processes[1]
    finally:
        for each in processes:
            each.terminate()
        for each in processes:
            each.wait(timeout=20)


async def _day(agents: list[Agent], pages: int, stream: int) -> Found:
    found = Found()
    for port in (pages, stream):
        await _up(port)
    await asyncio.gather(
        *(_ask(Found(), agents[0], pages, "warm", "/") for _ in range(4 * WORKERS))
    )
    ready, opens = asyncio.Semaphore(20), asyncio.Event()
    work = [
        asyncio.create_task(_agent(found, each, pages, stream, ready, opens)) for each in agents
    ]
    await asyncio.wait_for(_all_connected(found), 300)
    found.spans.clear()  # the rush of the morning is not the day
    opens.set()
    await _change(found)
    for each in work:
        each.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    return found


async def _all_connected(found: Found) -> None:
    while len(found.spans.get("connected", [])) + len(found.errors) < AGENTS:
        await asyncio.sleep(0.1)


async def _agent(
    found: Found,
    agent: Agent,
    pages: int,
    stream: int,
    ready: asyncio.Semaphore,
    opens: asyncio.Event,
) -> None:
    try:
        await _work(found, agent, pages, stream, ready, opens)
    except Exception as problem:
        found.errors.append(repr(problem))


async def _work(
    found: Found,
    agent: Agent,
    pages: int,
    stream: int,
    ready: asyncio.Semaphore,
    opens: asyncio.Event,
) -> None:
    async with ready:
        answer = await _ask(found, agent, pages, "token", f"/live/poll/?ticket={agent.ticket}")
        token = json.loads(answer)["token"]
        reader, writer = await asyncio.open_connection("127.0.0.1", stream)
        writer.write(
            f"GET /live/stream/?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        )
        await reader.readuntil(b"event: beat")
        found.spans.setdefault("connected", []).append(0)
    await opens.wait()
    changed: asyncio.Queue[tuple[int, int]] = asyncio.Queue(1)
    await asyncio.gather(
        _listen(found, reader, changed),
        _every(BEAT, lambda: _beat(found, agent, pages)),
        _every(PAGE, lambda: _page(found, agent, pages)),
        *([_refresh(found, agent, pages, changed)] if agent.watches_queue else []),
    )


async def _listen(found: Found, reader: asyncio.StreamReader, changed: Any) -> None:
    while line := await reader.readline():
        if line.startswith(b'data: {"reference'):
            said = json.loads(line[6:])
            found.arrivals.append((said["event"], time.monotonic()))
            if not changed.full():
                changed.put_nowait((said["within"], said["calm"]))
    found.errors.append("a stream ended")


async def _refresh(found: Found, agent: Agent, pages: int, changed: Any) -> None:
    while True:
        within, calm = await changed.get()
        await asyncio.sleep(random.random() * within / 1000)
        await _ask(found, agent, pages, "rows", "/", HX="true")
        await asyncio.sleep(calm / 1000)


async def _every(seconds: float, deed: Any) -> None:
    await asyncio.sleep(random.random() * seconds)
    while True:
        start = time.monotonic()
        await deed()
        await asyncio.sleep(max(0, start + seconds - time.monotonic()))


async def _beat(found: Found, agent: Agent, pages: int) -> None:
    said = f"window=w1&doing=reading&csrfmiddlewaretoken={agent.secret}"
    await _ask(found, agent, pages, "presence", f"/tickets/{agent.ticket}/presence/", said)


async def _page(found: Found, agent: Agent, pages: int) -> None:
    path = "/" if agent.watches_queue else f"/tickets/{agent.ticket}/"
    await _ask(found, agent, pages, "page", path)


async def _ask(
    found: Found, agent: Agent, port: int, kind: str, path: str, said: str = "", HX: str = ""
) -> bytes:
    head = [f"{'POST' if said else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
            f"Cookie: {agent.cookies}", "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(said)}", *(["HX-Request: true"] if HX else [])]  # fmt: skip
    start = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*head, "", said]).encode())
    answer = await reader.read()
    writer.close()
    found.spans.setdefault(kind, []).append((time.monotonic() - start) * 1000)
    if not answer.startswith(b"HTTP/1.1 200"):
        found.errors.append(f"{kind}: {answer[:60]!r}")
    return answer.partition(b"\r\n\r\n")[2]


async def _change(found: Found) -> None:
    """Notes written by other processes, evenly over the time; the publisher of this one tells them."""
    for _ in range(CHANGES):
        start = time.monotonic()
        event, at = await asyncio.to_thread(_note)
        found.commits[event] = at
        await asyncio.sleep(max(0, start + SECONDS / CHANGES - time.monotonic()))
    await asyncio.to_thread(publisher.settle, 5)
    await asyncio.sleep(2)


def _note() -> tuple[int, float]:
    ticket = random.choice(Ticket.objects.active().select_related("team")[:200])
    author = User.objects.filter(memberships__team=ticket.team).order_by("pk")[0]
    conversation.note(ticket=ticket, author=author, body="Seen.", now=timezone.now())
    at = time.monotonic()
    return ticket.events.latest("pk").pk, at


async def _up(port: int) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise AssertionError(f"nothing answers on port {port}")
