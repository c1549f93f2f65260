/*
 * The register of one epoch: proposers that each want another layout, three acceptors that crash
 * and restart, and a network that loses, delays, repeats and reorders whatever it likes.
 *
 * What must hold, whatever the order of events:
 *   - at most one value is ever chosen, and a chosen value stays chosen (R26, R27);
 *   - a proposer that believes its value chosen is right;
 *   - what an acceptor knows as decided is what was chosen;
 *   - if a majority says "nothing accepted here" in a round of questions, then nothing was chosen
 *     when the round began (R19). Negative answers of the old epoch rest on that.
 *
 * A message that was sent is kept for ever, as a bit: it may arrive at any time, again and again;
 * one that never arrives is a lost one. A proposer that never moves again has crashed.
 *
 * Sizes: PROPOSERS (2), BALLOTS in all (2 to 4; ballot n belongs to proposer (n - 1) % PROPOSERS),
 * CONFIRMERS (1): clients that ask whether anything was accepted; and the
 * acceptors are told of decisions.
 */

#ifndef PROPOSERS
#define PROPOSERS 2
#endif
#ifndef BALLOTS
#define BALLOTS 3
#endif
#ifndef CONFIRMERS
#define CONFIRMERS 1
#endif
#define ACCEPTORS 3
#define MAJORITY 2

/* Values are numbered: proposer p wants p + 1. */
#define NONE 0
#define wish(p) (p + 1)

/* ---------- The acceptors ---------- */

/* All of this is on the disk before an answer that depends on it is sent (R27). So a crash before
   leaves nothing of a request, a crash after is a lost answer, and one step is enough for both. */
byte promised[ACCEPTORS];         /* the highest ballot it has promised or voted in */
byte lastVote[ACCEPTORS];         /* the ballot of its last vote; 0 is none */
byte decided[ACCEPTORS];          /* what it was told that was chosen */

/* ---------- The network: what was ever sent ---------- */

#define N (BALLOTS + 1)
bit prepareSent[N];               /* "promise me ballot n" */
byte acceptSent[N];               /* "vote in ballot n for this value" */
byte chosenSent;                  /* "this was chosen" */
typedef Answers {
  byte promise[ACCEPTORS];        /* "promised, and my last vote was in ballot" this - 1 */
  bit vote[ACCEPTORS];            /* "voted" */
}
Answers answers[N];               /* … to each ballot, of each acceptor */

/* ---------- For the checks only ---------- */

byte chosen;                      /* what a majority has voted for */

/* Acceptor a has voted in ballot n: is that a majority? */
inline count() {
  if
  :: answers[n].vote[0] + answers[n].vote[1] + answers[n].vote[2] >= MAJORITY ->
     assert(chosen == NONE || chosen == acceptSent[n]);          /* one value, for ever */
     chosen = acceptSent[n]
  :: else
  fi
}

#ifdef BUG_SILENT_RETIREMENT
/* Says "nothing" after it threw its vote away. */
#define saysNothing(a) (lastVote[a] == 0)
#define isWorking(a) true
#else
#define saysNothing(a) (lastVote[a] == 0 && decided[a] == NONE)
#define isWorking(a) (decided[a] == NONE)
#endif

/* The message of ballot n arrives: `Acceptor.prepare` and `Acceptor.accept`. One that is refused,
   or repeated, changes nothing. */
inline prepare() {
  promised[a] = n;
  answers[n].promise[a] = lastVote[a] + 1
}
inline accept() {
  promised[a] = (n > promised[a] -> n : promised[a]);
  lastVote[a] = n;
  answers[n].vote[a] = 1;
  count()
}
#define mayPrepare(n) (prepareSent[n] && n > promised[a] && isWorking(a))
#ifdef BUG_BREAKS_PROMISE
#define mayAccept(n) (acceptSent[n] != NONE && n > lastVote[a] && isWorking(a))
#else
#define mayAccept(n) (acceptSent[n] != NONE && n > lastVote[a] && n >= promised[a] && isWorking(a))
#endif

active [ACCEPTORS] proctype Acceptor() {
  byte a = _pid;
  byte n;
end:
  do
  :: atomic { mayPrepare(1) -> n = 1; prepare(); n = 0 }
  :: atomic { mayPrepare(2) -> n = 2; prepare(); n = 0 }
  :: atomic { mayAccept(1) -> n = 1; accept(); n = 0 }
  :: atomic { mayAccept(2) -> n = 2; accept(); n = 0 }
#if BALLOTS > 2
  :: atomic { mayPrepare(3) -> n = 3; prepare(); n = 0 }
  :: atomic { mayAccept(3) -> n = 3; accept(); n = 0 }
#endif
#if BALLOTS > 3
  :: atomic { mayPrepare(4) -> n = 4; prepare(); n = 0 }
  :: atomic { mayAccept(4) -> n = 4; accept(); n = 0 }
#endif
#if CONFIRMERS
  /* It is told what was chosen … */
  :: atomic { chosenSent != NONE && decided[a] == NONE ->
       assert(chosenSent == chosen);
       decided[a] = chosenSent
     }
  /* … and throws away what it voted for, because it knows better (R30: it retires). */
  :: atomic { decided[a] != NONE && lastVote[a] != 0 -> lastVote[a] = 0 }
#endif
#ifdef BUG_FORGETS_PROMISE
  /* A crash; the promise was not on the disk, only votes are. */
  :: atomic { promised[a] > lastVote[a] -> promised[a] = lastVote[a] }
#endif
  od
}

/* ---------- The proposers ---------- */

/* Two of three answered; which two, says the one that is left out. */
#define one(x) ((x + 1) % ACCEPTORS)
#define other(x) ((x + 2) % ACCEPTORS)
#define promisedWithout(x) (answers[n].promise[one(x)] != 0 && answers[n].promise[other(x)] != 0)
#define ballotOf(a) (answers[n].promise[a] - 1)
#define votedWithout(x) (answers[n].vote[one(x)] && answers[n].vote[other(x)])

/* Asks for votes: for what may have been chosen already, or else for what it wants itself (R27). */
inline propose(x) {
  y = (ballotOf(one(x)) > ballotOf(other(x)) -> ballotOf(one(x)) : ballotOf(other(x)));
#ifdef BUG_LOWEST_VOTE
  /* Takes up some vote, not the highest one. */
  if
  :: ballotOf(one(x)) != 0 && ballotOf(other(x)) != 0 ->
     y = ballotOf(one(x)) + ballotOf(other(x)) - y
  :: else
  fi;
#endif
#ifdef BUG_OWN_VALUE
  y = 0;
#endif
  acceptSent[n] = (y == 0 -> wish(p) : acceptSent[y]);
  y = 0;
  close()
}

/* Nobody waits for promises any more. A question that arrives later still could only make an
   acceptor refuse more, and an answer would be thrown away: so both may be forgotten. */
inline close() {
  prepareSent[n] = 0;
  answers[n].promise[0] = 0;
  answers[n].promise[1] = 0;
  answers[n].promise[2] = 0
}

/* A proposer: `Round`, once per ballot that is its own. It may go on to its next ballot at any
   time, because it was refused, or because it has waited long enough. */
proctype Proposer(byte p) {
  byte n;           /* the ballot */
  byte y;           /* the highest ballot that was voted in, as far as the promises say */
  n = p + 1;
  do
  :: n > BALLOTS -> break
  :: else ->
     prepareSent[n] = 1;
     if
     :: atomic { promisedWithout(0) -> propose(0) }
     :: atomic { promisedWithout(1) -> propose(1) }
     :: atomic { promisedWithout(2) -> propose(2) }
     :: atomic { true -> close() }                 /* gives up */
     fi;
     if
     :: atomic { acceptSent[n] != NONE && (votedWithout(0) || votedWithout(1) || votedWithout(2)) ->
          assert(chosen == acceptSent[n]);
          chosenSent = chosen;
          break
        }
#if CONFIRMERS
     /* An acceptor that knows the decision tells it (R27: whoever lags is brought forward). */
     :: atomic { decided[0] != NONE || decided[1] != NONE || decided[2] != NONE -> break }
#endif
     :: true                                       /* gives up */
     fi;
     n = n + PROPOSERS
  od;
  n = 0
}

/* A client that was told "nothing stands there" in this epoch, and asks whether the next one has
   begun (R19): every acceptor once, one after another; some never answer. */
#if CONFIRMERS
proctype Confirmer() {
  byte a;
  byte nothings;
  byte before;
  before = chosen;
  do
  :: a == ACCEPTORS -> break
  :: atomic { a < ACCEPTORS && saysNothing(a) -> nothings++; a++ }
  :: atomic { a < ACCEPTORS -> a++ }               /* it says something, or not a word */
  od;
#ifdef BUG_ONE_IS_ENOUGH
  assert(nothings < 1 || before == NONE);
#else
  assert(nothings < MAJORITY || before == NONE);
#endif
  a = 0;
  nothings = 0;
  before = 0
}
#endif

init {
  byte i;
  atomic {
    for (i : 1 .. PROPOSERS) { run Proposer(i - 1) }
#if CONFIRMERS
    run Confirmer();
#endif
    i = 0
  }
}
