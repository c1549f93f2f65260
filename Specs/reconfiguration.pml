/*
 * From one epoch to the next: monitors that seal, read tails, propose, install, perhaps two at once
 * and perhaps half-way; sequencers that are replaced, and go on unaware; replicas that are left out,
 * and go on unaware; a spare that joins by copying; and clients that know of the old epoch only.
 *
 * What must hold, whatever the order of events:
 *   - nobody is ever told two different values of a position, and no two replicas differ (R15);
 *   - what was told is never "nothing" again (R18, R19), "trimmed" never a value again (R20);
 *   - an append that began after another one was acknowledged stands behind it (R10, R11);
 *   - a tail that is told lies behind all that was acknowledged before, and behind every tail that
 *     was told before (R19);
 *   - an entry that its writer gave up is never told to anybody (R16).
 *
 * The register is one step here: the first value that is proposed is chosen. paxos.pml shows why.
 * Units are durable at once; chain.pml shows what it takes. Whoever never moves again has crashed,
 * and a message that never arrives is lost.
 *
 * Sizes: UNITS (2 or 3), POSITIONS, EPOCHS; how many MONITORS, APPENDERS, TAILERS, READERS,
 * FILLERS, TRIMMERS. With SPARE the last unit is none of the first epoch's; it joins by a copy,
 * and the sequencer always answers. GRANTED: position 0 was handed out to somebody who never came.
 * WRITTEN: the entry `a` stands there from the beginning.
 */

#ifndef UNITS
#define UNITS 2
#endif
#ifndef POSITIONS
#define POSITIONS 2
#endif
#ifndef EPOCHS
#define EPOCHS 2
#endif
#ifndef MONITORS
#define MONITORS 1
#endif
#ifndef APPENDERS
#define APPENDERS 1
#endif
#ifndef TAILERS
#define TAILERS 0
#endif
#ifndef READERS
#define READERS 0
#endif
#ifndef FILLERS
#define FILLERS 0
#endif
#ifndef TRIMMERS
#define TRIMMERS 0
#endif
#ifndef SPARE
#define SPARE 0
#endif
#ifndef GRANTED
#define GRANTED 0
#endif
#ifndef WRITTEN
#define WRITTEN 0
#endif

/* What stands at a position; `refused` is the answer to a request of another epoch. */
mtype = { nothing, a, b, junk, trimmed, refused };
/* How a chain procedure ends. */
mtype = { complete, lost };

/* ---------- Layouts, one per epoch, from 1 on ---------- */

#define NEVER 99
#define MEMBERS (UNITS - SPARE)
typedef Layout {
  bit isDecided;
  byte firstTail;          /* where this epoch's sequencer begins (R11) */
  byte begin[UNITS];       /* from which position on a unit is in the chains; NEVER: not at all.
                              The chains are in the units' order, so survivors keep it (R23). */
  byte boot;               /* which life of which process is the sequencer (R9) */
}
Layout layout[EPOCHS + 2];
byte newest = 1;           /* the newest epoch that was decided */

/* ---------- Units ---------- */

typedef Unit {
  mtype slot[POSITIONS] = nothing;
  byte sealed;
  byte installed;
}
Unit unit[UNITS];
#define serves(u, e) (unit[u].installed == e && unit[u].sealed < e)           /* R3 */

/* ---------- Sequencers: two lives, of two processes ---------- */

typedef Sequencer {
  byte reign;              /* the epoch it was installed for */
  byte sealed;
  byte next;               /* the position that it hands out next */
}
Sequencer sequencer[2];
#define reigns(e) (sequencer[layout[e].boot].reign == e && sequencer[layout[e].boot].sealed < e)
#define nextOf(e) sequencer[layout[e].boot].next

/* ---------- What was said, for the checks only ---------- */

mtype told[POSITIONS] = nothing;   /* the value that somebody was told */
byte trimmedIn[POSITIONS];         /* the first epoch in which somebody was told "trimmed" */
mtype givenUp[POSITIONS] = nothing;/* the entry that its writer gave up here */
byte reached;                        /* one past the highest position that was acknowledged */
byte toldTail;                     /* the highest tail that was told */

inline tell(v) {
  if
  :: v == trimmed ->
     if
     :: trimmedIn[p] == 0 || trimmedIn[p] > e -> trimmedIn[p] = e
     :: else
     fi
  :: else ->
     assert(told[p] == nothing || told[p] == v);
     assert(givenUp[p] != v);
     told[p] = v
  fi
}

/* ---------- Chains ---------- */

#define isIn(u, e, p) (layout[e].begin[u] <= p)
#ifdef BUG_REORDERED
/* From epoch 2 on the survivors stand the other way round. */
#define at(u) (e > 1 -> UNITS - 1 - (u) : (u))
#else
#define at(u) (u)
#endif

inline toHead() {
  u = 0;
  do
  :: u < UNITS && !isIn(at(u), e, p) -> u++
  :: else -> break
  od
}
inline toNext() {
  u++;
  do
  :: u < UNITS && !isIn(at(u), e, p) -> u++
  :: else -> break
  od
}
inline toTail() {
  u = UNITS - 1;
  do
  :: u > 0 && !isIn(at(u), e, p) -> u--
  :: else -> break
  od
}

/* A write of x, or a trim, arrives at unit u and is answered (R1, R3). */
inline write() {
  if
  :: !serves(at(u), e) -> answer = refused
  :: else ->
     if
     :: unit[at(u)].slot[p] == nothing || x == trimmed -> unit[at(u)].slot[p] = x
     :: else
     fi;
     answer = unit[at(u)].slot[p]
  fi
}

inline read() {
  if
  :: !serves(at(u), e) -> answer = refused
  :: else -> answer = unit[at(u)].slot[p]
  fi
}

/* Writes x, or trims, from the head to the tail (R14). `answer` is `complete`, or what stands
   there instead. */
inline writeDown() {
  atomic { toHead(); isHead = 1 }
  do
  :: atomic {
       write();
       if
       :: answer == x -> 
          isHead = 0;
          toNext();
          if
          :: u >= UNITS -> answer = complete; break
          :: else
          fi
       :: answer == trimmed || answer == refused -> break
       :: else -> assert(isHead); break                                       /* R15 */
       fi
     }
  od
}

/* Fills position p, and adopts what is there (R17). */
inline fill() {
  x = junk;
  do
  :: writeDown();
     if
     :: answer == complete || answer == refused -> break
     :: else -> x = answer           /* a value, or a trim: finished down the chain */
     fi
  od
}

#define LOCALS byte e; byte p; byte u; mtype x = nothing; mtype answer = nothing; bit isHead
inline forget() {
  e = 0; p = 0; u = 0; x = nothing; answer = nothing; isHead = 0
}

/* A client may know any layout that was ever decided; a refusal teaches it the newest. */
inline knowSome() {
#if SPARE
  e = newest                /* a stale client has nothing to do with how a spare joins */
#else
  e = 1;
  do
  :: e < newest -> e++
  :: break
  od
#endif
}

/* ---------- Clients ---------- */

proctype Appender(mtype v) {
  LOCALS;
  byte begun;              /* what had been acknowledged when the append began */
  atomic { begun = reached; knowSome() }
  do
  :: atomic { reigns(e) && nextOf(e) < POSITIONS ->
       p = nextOf(e);
       nextOf(e) = p + 1
     };
#ifdef BUG_STOCK
     begun = reached;          /* the token was there before anybody asked to append */
#endif
     x = v;
     writeDown();
     atomic {
       if
       :: answer == complete ->
          tell(v);
          assert(p >= begun);                              /* the order in time */
          reached = (p + 1 > reached -> p + 1 : reached);
          break
       :: answer == refused && isHead ->
#ifdef BUG_OLD_TOKEN
          if
          :: e < newest ->
             e = newest;
             goto again
          :: else -> break
          fi
#endif
          e = newest                                       /* a new token */
       :: answer == refused && !isHead ->                  /* R16: it may stand */
          if
          :: e < newest && p >= layout[newest].firstTail ->
             assert(told[p] != v);
             givenUp[p] = v                                /* it never was, and never will be */
          :: else                                          /* see chain.pml */
          fi;
          break
       :: answer == trimmed -> break
       :: else -> e = newest                               /* lost: a new token */
       fi
     }
  :: atomic { (!reigns(e) || nextOf(e) >= POSITIONS) && e < newest -> e = newest }
  :: atomic { reigns(e) && nextOf(e) >= POSITIONS -> break }
  od;
#ifdef BUG_OLD_TOKEN
  if
  :: false ->
again:
     writeDown();          /* the token of the old epoch, in the new one */
     atomic {
       if
       :: answer == complete -> tell(v); reached = (p + 1 > reached -> p + 1 : reached)
       :: else
       fi
     }
  :: true
  fi;
#endif
  atomic { forget(); begun = 0 }
}

/* Asks where the log ends (R19). */
proctype Tailer() {
  LOCALS;
  byte begun;
  byte tail;
  atomic { begun = (reached > toldTail -> reached : toldTail); knowSome() }
  do
  :: atomic { reigns(e) -> tail = nextOf(e) };
#ifndef BUG_STALE_TAIL
     if                    /* the round begins after the answer came */
     :: atomic { layout[e + 1].isDecided -> e = newest; tail = 0; goto again }
     :: atomic { !layout[e + 1].isDecided }
     fi;
#endif
#ifndef BUG_UNSETTLED_TAIL
     if                    /* the position before it is complete, or filled */
     :: tail > layout[e].firstTail ->
        p = tail - 1;
        fill();
        if
        :: answer == refused -> atomic { tail = 0; goto again }
        :: else
        fi
     :: else
     fi;
#endif
     atomic {
       assert(tail >= begun);
       toldTail = (tail > toldTail -> tail : toldTail);
       break
     }
again:
     atomic { newest > e -> e = newest }
  :: atomic { !reigns(e) && newest > e -> e = newest }
  od;
  atomic { forget(); begun = 0; tail = 0 }
}

/* Chooses a position. */
inline choosePosition() {
  p = 0;
  do
  :: p < POSITIONS - 1 -> p++
  :: break
  od
}

/* Reads one position, in any epoch that was ever decided (R18, R19). */
proctype Reader() {
  LOCALS;
  bit wasTold;
  byte wasTrimmed;
  atomic {
    choosePosition();
    wasTold = (told[p] != nothing || trimmedIn[p] != 0);
    wasTrimmed = trimmedIn[p];
    knowSome()
  }
  do
  :: atomic { toTail(); read() };
     if
     :: answer == nothing ->
        atomic { toHead(); read() };
        if
        :: answer == nothing || answer == refused
        :: else -> x = answer; writeDown();
           if
           :: answer == trimmed -> x = trimmed; writeDown()
           :: else
           fi
        fi
     :: answer == refused
     :: else -> x = answer; answer = complete
     fi;
     atomic {
       if
       :: answer == complete ->
          tell(x);
          assert(x == trimmed || wasTrimmed == 0 || wasTrimmed > e);          /* R20 */
          break
       :: answer == nothing ->
#ifndef BUG_STALE_NOTHING
          if
          :: layout[e + 1].isDecided -> e = newest
          :: else ->
#endif
          assert(!wasTold);
          break
#ifndef BUG_STALE_NOTHING
          fi
#endif
       :: answer == refused && newest > e -> e = newest
       /* Its epoch is closed, and the next one not decided: it asks again later. */
       :: answer == refused && newest == e
       fi;
       x = nothing;
       answer = nothing
     }
  od;
  atomic { forget(); wasTold = 0; wasTrimmed = 0 }
}

/* Fills a position below the tail, as the sequencer of the fill's own epoch tells it (R17). */
proctype Filler() {
  LOCALS;
  atomic { choosePosition(); knowSome() }
  do
  :: atomic { p < layout[e].firstTail || (reigns(e) && p < nextOf(e)) };
     fill();
     atomic {
       if
       :: answer == complete -> tell(x); break
       :: else -> x = nothing; answer = nothing; newest > e; e = newest
       fi
     }
  :: atomic { newest > e -> e = newest }
  od;
  forget()
}

proctype Trimmer() {
  LOCALS;
  atomic { choosePosition(); knowSome() }
  do
  :: atomic { p < layout[e].firstTail || (reigns(e) && p < nextOf(e)) };
     x = trimmed;
     writeDown();
     atomic {
       if
       :: answer == complete -> tell(trimmed); break
       :: else -> x = nothing; answer = nothing; newest > e; e = newest
       fi
     }
  :: atomic { newest > e -> e = newest }
  od;
  forget()
}

/* ---------- Reconfiguration ---------- */

#if SPARE
#define NEWCOMER (UNITS - 1)
bit hasJoined;                     /* it is part of some layout, or was */
bit isCopied[EPOCHS + 2];          /* the newcomer has all below its begin, as of this epoch */

/* Rebuilder: copies to the newcomer what stands below its begin (R28). */
proctype Rebuilder() {
  LOCALS;
  e = 1;
  do
  :: atomic { e < EPOCHS && layout[e + 1].isDecided -> e++; p = 0 }
  :: atomic { e > 1 && !isCopied[e] && layout[e].begin[NEWCOMER] != NEVER &&
              layout[e].begin[NEWCOMER] > p ->
       x = junk
     };
#ifndef BUG_COPIES_HOLES
     fill();                       /* holes first: nothing is written there later */
#endif
     if
     :: answer == refused
     :: else ->
        atomic { toTail(); read(); x = answer };
        atomic {
          if
          :: x == refused || x == nothing
          :: else -> u = NEWCOMER; write()
          fi;
          if
          :: x != refused && answer != refused -> p++
          :: else
          fi
        }
     fi;
     atomic { x = nothing; answer = nothing; u = 0; isHead = 0 }
  :: atomic { e > 1 && !isCopied[e] && layout[e].begin[NEWCOMER] != NEVER &&
              layout[e].begin[NEWCOMER] == p ->
       isCopied[e] = 1
     }
  :: atomic { e == EPOCHS -> break }
  od;
  forget()
}
#endif

/* The reply to a seal: one past the highest position that is not empty (R4, R11). */
inline hear() {
  if
  :: unit[u].slot[POSITIONS - 1] != nothing -> tail = (POSITIONS > tail -> POSITIONS : tail)
#if POSITIONS > 1
  :: unit[u].slot[POSITIONS - 1] == nothing && unit[u].slot[POSITIONS - 2] != nothing ->
     tail = (POSITIONS - 1 > tail -> POSITIONS - 1 : tail)
#endif
#if POSITIONS > 2
  :: unit[u].slot[POSITIONS - 1] == nothing && unit[u].slot[POSITIONS - 2] == nothing &&
     unit[u].slot[POSITIONS - 3] != nothing ->
     tail = (POSITIONS - 2 > tail -> POSITIONS - 2 : tail)
#endif
  :: else
  fi
}

/* R24: somebody who has everything is kept. */
#define isSurvivor(u) (isKept[(u) % UNITS] && layout[e].begin[(u) % UNITS] == 0)
#define hasSurvivor (isSurvivor(0) || isSurvivor(1) || isSurvivor(2))

/* The next layout, decided in one step: see paxos.pml. */
inline propose() {
  u = 0;
  do
  :: u < UNITS ->
     layout[e + 1].begin[u] = (isKept[u] -> layout[e].begin[u] : NEVER);
     u++
  :: else -> break
  od;
#if SPARE
  if
  /* It begins with the new positions, at once. */
  :: layout[e].begin[NEWCOMER] == NEVER && !hasJoined ->
     layout[e + 1].begin[NEWCOMER] = tail;
     hasJoined = 1
  /* It has all that was below, and is sealed as the others are: it joins, once it knows of the
     trims that were made meanwhile. */
  :: isKept[NEWCOMER] && isCopied[e] ->
#ifndef BUG_LOSES_TRIMS
     copyTrims();
#endif
     layout[e + 1].begin[NEWCOMER] = 0
  :: else
  fi;
#endif
  layout[e + 1].firstTail = tail;
  layout[e + 1].boot = (hasSequencer -> layout[e].boot : 1 - layout[e].boot);
  layout[e + 1].isDecided = 1;
  newest = e + 1
}

#if SPARE
/* From the tail of the old chain, the last of the survivors: a trim has come as far as that only
   if it is on all of them. */
inline copyTrims() {
  u = NEWCOMER;
  do
  :: u > 0 && !(isKept[u - 1] && layout[e].begin[u - 1] == 0) -> u--
  :: else -> break
  od;
  p = 0;
  do
  :: p < layout[e].begin[NEWCOMER] && p < POSITIONS ->
     if
     :: unit[u - 1].slot[p] == trimmed -> unit[NEWCOMER].slot[p] = trimmed
     :: else
     fi;
     p++
  :: else -> break
  od;
  p = 0
}
#endif

/* The next member of the layout of epoch e, from unit w on; UNITS is the end. */
inline toMember(w) {
  u = w;
  do
  :: u < UNITS && layout[e].begin[u] == NEVER -> u++
  :: else -> break
  od
}

/* Reconfigurer: look, seal, read tails, propose, install (R22). */
proctype Monitor() {
  byte e = 1;
  byte p;
  byte u;
  byte tail;               /* the first tail of the next epoch, as far as heard */
  bit isKept[UNITS];
  bit hasSequencer;        /* whether the sequencer answered */
#ifdef BUG_OLD_TAILS
  bit isAdopted;
#endif
  do
  :: e == EPOCHS -> break
  :: e < EPOCHS ->
#ifdef BUG_OLD_TAILS
     /* What the seal of the epoch before has told is used once more. */
     if
     :: isAdopted -> goto useAgain
     :: else
     fi;
#endif
     /* Seal everybody, and hear where they end. Who does not answer is left out. */
     atomic {
       tail = (layout[e].firstTail > tail -> layout[e].firstTail : tail);
       toMember(0);
     }
     do
     :: atomic { u < UNITS ->
          do                                     /* some give no answer */
          :: u < UNITS -> toMember(u + 1)
          :: break
          od;
          if
          :: u < UNITS ->
             unit[u].sealed = (unit[u].sealed > e -> unit[u].sealed : e);
             hear();
             isKept[u] = 1;
             toMember(u + 1)
          :: else
          fi
        }
#ifdef BUG_UNSEALED
     :: atomic { u < UNITS -> isKept[u] = 1; toMember(u + 1) }
#endif
     :: atomic { u >= UNITS -> u = 0; break }
     od;
     if
     :: atomic { sequencer[layout[e].boot].reign <= e ->
          sequencer[layout[e].boot].sealed =
            (sequencer[layout[e].boot].sealed > e -> sequencer[layout[e].boot].sealed : e);
          hasSequencer = 1;
          tail = (sequencer[layout[e].boot].reign == e && nextOf(e) > tail -> nextOf(e) : tail)
        }
     :: true
     fi;
     /* R24: without a survivor that has everything, all waits. */
#ifdef BUG_OLD_TAILS
useAgain:
#endif
     atomic { layout[e + 1].isDecided || hasSurvivor ->
       if
       :: layout[e + 1].isDecided ->             /* R25: another monitor's was chosen */
#ifdef BUG_OLD_TAILS
          isAdopted = hasSurvivor;
          e++;
          goto installAll
#endif
          skip
       :: else -> propose()
       fi;
       tail = 0; hasSequencer = 0; u = 0;
       do
       :: u < UNITS -> isKept[u] = 0; u++
       :: else -> break
       od;
       u = 0;
       e++
     };
#ifdef BUG_OLD_TAILS
installAll:
#endif
     /* Install: any monitor does it, as often as it likes (R25). */
     atomic { toMember(0) }
     do
     :: atomic { u < UNITS ->
          if
          :: unit[u].installed < e ->
             unit[u].installed = e;
             unit[u].sealed = (unit[u].sealed > e - 1 -> unit[u].sealed : e - 1)
          :: else
          fi;
          toMember(u + 1)
        }
     :: u >= UNITS -> break
     od;
     atomic {
       u = 0;
       if
#ifdef BUG_TWO_INSTALLS
       :: sequencer[layout[e].boot].reign <= e ->
#else
       :: sequencer[layout[e].boot].reign < e ->           /* R9: once per epoch */
#endif
          sequencer[layout[e].boot].reign = e;
          sequencer[layout[e].boot].next = layout[e].firstTail
       :: else
       fi
     }
  od
}


init {
  byte i;
  atomic {
    layout[1].isDecided = 1;
    for (i : 0 .. UNITS - 1) {
      layout[1].begin[i] = (i < MEMBERS -> 0 : NEVER);
      unit[i].installed = (i < MEMBERS -> 1 : 0)
    }
    sequencer[0].reign = 1;
#if GRANTED || WRITTEN
    sequencer[0].next = 1;
#endif
#if WRITTEN
    for (i : 0 .. MEMBERS - 1) { unit[i].slot[0] = a }
    told[0] = a;
    reached = 1;
#endif
    i = 0;
#if APPENDERS > 0
    run Appender(a);
#endif
#if APPENDERS > 1
    run Appender(b);
#endif
#if TAILERS > 0
    run Tailer();
#endif
#if TAILERS > 1
    run Tailer();
#endif
#if READERS > 0
    run Reader();
#endif
#if FILLERS > 0
    run Filler();
#endif
#if TRIMMERS > 0
    run Trimmer();
#endif
#if SPARE
    run Rebuilder();
#endif
#if MONITORS > 1
    run Monitor();
#endif
    run Monitor()
  }
}
