"""The first articles, for staff: slug, title, Markdown."""

ARTICLES = (
    (
        "how-to-log-a-call",
        "How to log a call",
        """Log every call, also the short ones and the ones that reached nobody. The log is what the
next colleague, your supervisor and the clocks go by.

## While you speak

1. Press **Incoming call** (or `i`) the moment you answer: the call is in the log from then on, also
   if your browser closes. Type the reference, a name, a number or an order, and choose the ticket,
   or open one for them. Calling out, press **Call them now** on the ticket, or **Call now** beside
   the call that we owe.
2. Say what you are doing while you do it: looking up the account, writing the problem down, trying
   a fix. Silence makes people ask whether you are still there.
3. Before you put somebody on hold, read them the hold script and say for how long, then press
   **Hold** (`h`). The bar at the top counts down and tells you when to go back to them; do it in
   time, even if only to ask for another moment. It makes a sound only if you switch that on.
4. Write while you speak: what you write is kept as you type.
5. To pass somebody on, read the transfer script (`t`) and choose a colleague or a team: the ticket and
   your note go along. To a supervisor, hand the ticket over.

## When it ends

Press **Finish** (`f`). Times and holds are written down for you; the rest you say.

| written down | for example |
| --- | --- |
| direction, times, holds: by themselves | outbound, 10:02 to 10:09, one hold of 45 seconds |
| outcome | reached / voicemail / no answer / busy / cut off; without a ticket also wrong number |
| what was said, in two sentences | The hub reboots at night. She will send the log. |
| what was promised, by when | I call back on Thursday before noon. |

A promised callback gets a clock of its own and stands under *Callbacks due* until it is kept: by a
call of ours that reached the customer. One that did not is an attempt. If it is not wanted any more,
withdraw it on the ticket and say why.

A call of ours that reached the customer counts as an answer; a call of theirs, or one that reached
nobody, does not. A call that you forgot to finish is flagged after two hours: say when it really ended.
""",
    ),
    (
        "sample-call-log",
        "A sample call log",
        """Three entries as they should look.

**09:41–09:47, inbound, reached, one hold of 50 s.** Mr Novak asks when order NL-10231 arrives.
Carrier shows it in the depot. Told him: tomorrow before noon, and that I check at ten. *Promised:
callback tomorrow 10:00.*

**10:00–10:01, outbound, voicemail.** Called Mr Novak as promised, left the message that the parcel is
on the van, with the reference and our number. *Still promised: second attempt at 11:30.*

**11:30–11:33, outbound, reached.** Parcel has come, all well. He suggests a text message on the
morning of delivery; filed as a suggestion. *Nothing open.*
""",
    ),
    (
        "replies-for-review",
        "How your replies are collected for review",
        """Your supervisor reads some of your replies later, to help and not to catch you out.

- You need not copy or forward anything: every reply that has left is kept on its ticket, with its
  author, the time you wrote it and the time it left.
- A reply waits half an hour before it leaves. If you wrote it in haste, recall it: to the customer
  and to the clocks it was never written. Edit it, or send it at once when it should not wait.
- If you would like a second pair of eyes on a particular reply, write a note on the ticket and
  mention your supervisor in it.
""",
    ),
    (
        "difficult-callers",
        "When a customer is angry, and when it is too much",
        """1. Let them finish. Then say back what happened to them, in their words.
2. Apologise for what went wrong without arguing whose fault it was.
3. Say what you will do now, and by when. Look at *What you may offer here* on the ticket.
4. Read the script for angry callers if words fail you; that is what it is there for.

You need not put up with abuse, and a customer need not put up with an agent who can no longer be
kind. If you feel that you cannot give this customer good service any more, press **Hand over to a
supervisor** on the ticket. Say why in a sentence. The supervisor takes the ticket over with its whole
history; you go on following it, and it can be handed back.
""",
    ),
    (
        "our-company",
        "Our company",
        """An outline to be filled in by an admin: who founded the company and when, who leads it, what
it stands for, and whom to ask about what.

- **History.**
- **Leadership.** Names, and what each decides.
- **Mission.** One sentence that you could say on the phone.
- **Departments and their people.** Whom to ask about delivery, billing, technology.
""",
    ),
    (
        "our-products",
        "Our products",
        """An outline to be filled in by an admin, one section per product:

- what it does, for whom, and what it does not do;
- what it costs, and what belongs to it;
- the five questions asked most, with their answers;
- known problems and how to get round them.
""",
    ),
    (
        "who-decides-what",
        "Who decides what",
        """- **You** answer, log calls, offer what the ticket shows within your limit, and ask any colleague
  for facts.
- **Your supervisor** approves more, takes over difficult tickets and decides exceptions.
- **Executives** see by themselves: problems that need a management decision, orders above the
  threshold, and the customers they look after personally.

Every deadline that is missed, and every fact that demands it, climbs this chain by itself. Whoever
is told has to acknowledge it; if nobody does, the next level hears of it.
""",
    ),
)
