/*
 * One position of the log, on one chain of storage units, while everything that can happen to it
 * happens: it is written, filled, trimmed and read, its units crash and rot, and a monitor closes
 * the epoch and leaves some of the units out of the next one.
 *
 * What must hold, whatever the order of events:
 *   - nobody is ever told two different values of the position;
 *   - what was acknowledged, or told to anybody, is never "nothing" again (R18, R20);
 *   - an entry that its writer gave up is never told to anybody (R15, R16);
 *   - once somebody was told "trimmed", later reads say so, too (R20);
 *   - nothing of an epoch is admitted, or becomes durable, after the reply to its seal (R4);
 *   - only positions that were handed out are filled (R17);
 *   - no two units of a chain have different values (R15).
 *
 * Crashed clients need no code: a search of all orders has those in it where a client never moves
 * again. The same goes for a unit that is dead: no message arrives at it any more.
 *
 * Sizes: CHAIN is the number of units, 1 to 3. WRITERS, FILLERS, TRIMMERS, READERS, MONITORS are 0
 * or 1, WRITERS also 2. READS is how often the reader reads. How often things go wrong: CRASHES
 * (of units), ROTS (a unit forgets what it has; not together with CRASHES), LOST (a reply to a writer, or its request is late).
 */

#ifndef CHAIN
#define CHAIN 2
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef FILLERS
#define FILLERS 1
#endif
#ifndef TRIMMERS
#define TRIMMERS 1
#endif
#ifndef READERS
#define READERS 1
#endif
#ifndef READS
#define READS 2
#endif
#ifndef MONITORS
#define MONITORS 1
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef ROTS
#define ROTS 0
#endif
#ifndef LOST
#define LOST 0
#endif
#if CRASHES && ROTS
#error "a unit that rots has its records on the disk at once: choose one of CRASHES and ROTS"
#endif

/* What stands at the position: nothing yet, the entry of writer a, of writer b, junk, …
   `unknown`: the unit has lost what it had, and says so. */
mtype = { nothing, a, b, junk, trimmed, unknown };
/* What a unit may answer instead: "your epoch is not served here"; `unclear` is no answer. */
mtype = { refused, unclear };
/* How writing down a chain ends (ChainOutcome); the others are `trimmed` and `unclear`. */
mtype = { complete, lost };

/* ---------- The units: unit 0 is the head of the chain, unit CHAIN - 1 its tail ---------- */

mtype memory[CHAIN] = nothing;  /* what the unit has decided */
mtype disk[CHAIN] = nothing;    /* what a crash leaves of it */
#if CRASHES
byte staged[CHAIN];             /* the set of what the next sync makes durable … */
byte hasStood[CHAIN];             /* … and of what ever was: bit v is for the value v */
#endif
bit closed[CHAIN];              /* whether epoch 1 is sealed, in memory … */
bit closedOnDisk[CHAIN];        /* … and on the disk */
bit isNext[CHAIN];              /* whether epoch 2 is installed, in memory and on the disk */

/* R3: a request is served if its epoch is the installed one, and not sealed. */
#define serves(u, e) ((e == 1 && !closed[u] && !isNext[u]) || (e == 2 && isNext[u]))

/* R2: whoever says "v stands here" waits until a crash cannot undo it. */
#define isDurable(u, v) (hasStood[u] & (1 << v))
#define isForgotten(u, v) (!((hasStood[u] | staged[u]) & (1 << v)))

/* ---------- What is known beside the units ---------- */

byte newest = 1;      /* the newest epoch that was decided */
bit dropped[CHAIN];   /* which units epoch 2 leaves out: they may be alive, and still serve epoch 1 */
bit isBelow;          /* whether the position lies below the first tail of epoch 2 (R11) */
bit handedOut[3];     /* whether the sequencer of an epoch has handed the position out */

/* What the sequencer of an epoch says when it is asked for the tail: is the position below it? */
#define isGranted(e) (handedOut[e] || (e == 2 && isBelow))

/* The head of an epoch. */
#define head(e) ((e == 1 || !dropped[0]) -> 0 : (!dropped[1 % CHAIN] -> 1 % CHAIN : 2 % CHAIN))

mtype late = nothing; /* a write that its client no longer waits for, still on its way to the head */
byte lateEpoch;

/* ---------- What was said; only the checks look at it ---------- */

mtype told = nothing;  /* the value that somebody was told */
bit isTrimmed[3];      /* somebody was told in this epoch that it is trimmed */
bit isAcknowledged;    /* a writer was told that its entry stands */
bit isGivenUp[2];      /* writer a, or b, has gone on to another position */
bit hasSealed[CHAIN];  /* the unit has answered the seal */
#define isTaken (told != nothing || isAcknowledged || isTrimmed[1] || isTrimmed[2])

byte crashesLeft = CRASHES;
byte rotsLeft = ROTS;
byte lostLeft = LOST;

/* Somebody is told in epoch e that v stands at the position. */
inline tell(v) {
  if
  :: v == trimmed -> isTrimmed[e] = 1
  :: else ->
     assert(told == nothing || told == v);                                 /* one value for ever */
     assert(!(v == a && isGivenUp[0]) && !(v == b && isGivenUp[1]));       /* R16 */
     told = v
  fi
}

/* A writer is told that its entry stands nowhere, so it is written again at another position. */
inline giveUp(v) {
  assert(told != v);                                                       /* R16 */
  isGivenUp[v == b] = 1
}

#define isValue(v) (v == a || v == b || v == junk)
#define areInOneLayout(u, w) (newest == 1 || (!dropped[u] && !dropped[w]))
#define differ(u, w) (isValue(disk[u]) && isValue(disk[w]) && disk[u] != disk[w] && \
                      areInOneLayout(u, w))

/* What was decided becomes durable. */
inline sync() {
  assert(!hasSealed[u] || isNext[u]);                                      /* R4 */
  disk[u] = memory[u];
#if CRASHES
  hasStood[u] = hasStood[u] | staged[u];
  staged[u] = 0;
#endif
#if CHAIN > 1
  assert(!differ(0, 1));                                                   /* R15 */
#endif
#if CHAIN > 2
  assert(!differ(0, 2) && !differ(1, 2));
#endif
}

#define hasToo(w, v) (w >= CHAIN || w == u || disk[(w) % CHAIN] == v)
#define allHave(v) (hasToo(0, v) && hasToo(1, v) && hasToo(2, v))
inline restore(v) {
  memory[u] = v;
  disk[u] = v
}

/* A unit by itself: its disk works, and it may crash. Without crashes nobody could tell whether
   something is on the disk already, so then all is durable at once. */
active [CHAIN] proctype Unit() {
  byte u = _pid;
end:
  do
#if CRASHES
  :: atomic { memory[u] != disk[u] -> sync() }
  :: atomic { closed[u] && !closedOnDisk[u] -> closedOnDisk[u] = 1 }
  :: atomic { crashesLeft > 0 && (memory[u] != disk[u] || closed[u] != closedOnDisk[u]) ->
       crashesLeft--;
       memory[u] = disk[u];
       staged[u] = 0;
       closed[u] = closedOnDisk[u]
     }
#endif
#if ROTS
  /* The disk forgets, and the unit knows. It counts as dead from the next epoch on, so there is
     rot only before a monitor has looked; and one replica stays intact. */
  :: atomic { rotsLeft > 0 && !closed[u] && newest == 1 && memory[u] == disk[u] &&
              disk[u] != trimmed ->
       rotsLeft--;
       memory[u] = unknown;
       disk[u] = unknown
     }
  /* A value that all the others have may be fetched from them at once. That all the others have
     nothing says nothing: a write may be under way that had come to this unit (D7). */
  :: atomic { CHAIN > 1 && memory[u] == unknown && newest == 1 && allHave(a) -> restore(a) }
  :: atomic { CHAIN > 1 && memory[u] == unknown && newest == 1 && allHave(junk) -> restore(junk) }
#ifdef BUG_ABSENCE
  :: atomic { CHAIN > 1 && memory[u] == unknown && newest == 1 && allHave(nothing) ->
       restore(nothing)
     }
#endif
#endif
  :: false
  od
}

/* ---------- Messages: a step in which a request arrives, one in which its answer does ---------- */

/* A write arrives. R1: the first one stands; all later ones hear what stands. */
inline admitWrite(v) {
  if
  :: !serves(u, e) -> answer = refused
  :: else ->
     assert(!(hasSealed[u] && e == 1));                                    /* R4 */
     if
     :: memory[u] == nothing ->
        assert(v != junk || isGranted(e));                                 /* R17 */
        memory[u] = v;
        answer = v;
#if CRASHES
        staged[u] = staged[u] | (1 << v)
#else
        sync()
#endif
     :: memory[u] == unknown -> answer = unclear                           /* D7 */
     :: else ->
        answer = memory[u];
#ifdef BUG_DIRTY
        isDirty = 1
#endif
     fi
  fi
}

/* A trim arrives. */
inline admitTrim() {
  if
  :: !serves(u, e) -> answer = refused
  :: else ->
     memory[u] = trimmed;
     answer = trimmed;
#if CRASHES
     staged[u] = (disk[u] == trimmed -> staged[u] : staged[u] | (1 << trimmed))
#else
     sync()
#endif
  fi
}

/* When a unit answers a write or a trim. (The client may hear of it much later.) */
#if CRASHES == 0
#define mayAnswer true
#elif defined(BUG_DIRTY)
/* "Taken" is answered though only the memory has it. */
#define mayAnswer (answer == refused || answer == unclear || isDirty || isDurable(u, answer))
#else
#define mayAnswer (answer == refused || answer == unclear || isDurable(u, answer))
#endif

/* A read, and the answer, which waits for nothing: it tells what is durable at this moment (R2). */
inline read() {
  if
  :: !serves(u, e) -> answer = refused
  :: else ->
     answer = disk[u];
     if
     :: answer == unknown -> answer = unclear
     :: else
     fi
  fi
}

/* ---------- Chains ---------- */

/* Whoever comes after u in the layout of epoch e; CHAIN is the end. */
inline toNext() {
  u++;
  do
  :: u < CHAIN && e == 2 && dropped[u] -> u++
  :: else -> break
  od
}
inline toTail() {
  u = CHAIN - 1;
  do
  :: e == 2 && u > 0 && dropped[u] -> u--
  :: else -> break
  od
}

/* ChainWriter: head first, and on only once the one before has it (R14). */
inline writeDown(v) {
  atomic { u = head(e); admitWrite(v) }
  do
  :: atomic { mayAnswer ->
       if
       :: answer == v ->                          /* mine, whoever put it here (R15) */
          toNext();
          if
          :: u < CHAIN -> admitWrite(v)
          :: else -> result = complete; break
          fi
       :: answer == trimmed || answer == unclear || answer == refused -> result = answer; break
       :: else ->
#ifdef BUG_NO_ADOPT
          if
          :: v == junk -> toNext(); admitWrite(v) /* goes on with junk */
          :: else ->
#endif
          assert(u == head(e));                   /* R15: two replicas never differ */
          result = lost;
          break
#ifdef BUG_NO_ADOPT
          fi
#endif
       fi
     }
#if CRASHES
  :: atomic { !mayAnswer && isForgotten(u, answer) -> result = unclear; break }
#endif
#if LOST
  :: atomic { mayLose && lostLeft > 0 -> lostLeft--; result = unclear; break }
#endif
  od
}

/* ChainTrimmer (R14, R20). */
inline trimDown() {
  atomic { u = head(e); admitTrim() }
  do
  :: atomic { mayAnswer ->
       if
       :: answer == trimmed ->
          toNext();
          if
          :: u < CHAIN -> admitTrim()
          :: else -> result = trimmed; break
          fi
       :: else -> result = answer; break
       fi
     }
#if CRASHES
  :: atomic { !mayAnswer && isForgotten(u, answer) -> result = unclear; break }
#endif
  od
}

/* ChainFiller: junk, or what the head has instead (R17). The outcome is `result`, and `x` if
   it is `complete`. */
inline fill() {
  x = junk;
  do
  :: writeDown(x);
     if
     :: result == lost -> x = answer
     :: result == trimmed -> trimDown(); break
     :: else -> break
     fi
  od
}

/* After no answer, or a refusal: the same again, in the newest epoch known. */
#define learn() e = newest

/* What a client does not need any more is set back, so that states are equal that matter alike. */
#define LOCALS byte u; byte e; mtype answer = nothing; mtype result = nothing; mtype x = nothing; \
  bit mayLose; bit isDirty
inline forget() {
  u = 0; e = 0; answer = nothing; result = nothing; x = nothing; isDirty = 0
}

/* ---------- Clients ---------- */

/* An append: a token, then the chain; and where the outcome is unclear, a fill that settles it. */
proctype Writer(mtype v) {
  LOCALS;
  byte granted;   /* the epoch of the token */
  bit stood;      /* whether the head was seen to have my entry */

  /* R13: nobody relies on the sequencer of epoch 1 to hand a position out once only. A writer may
     ask it long after epoch 2 began. */
  atomic {
    if
    :: granted = 1
    :: newest == 2 && !isBelow && !handedOut[2] -> granted = 2
    fi;
    handedOut[granted] = 1;
    e = granted;                                                           /* R10 */
    mayLose = 1
  }
  if
  :: writeDown(v)
#if LOST
  :: atomic { lostLeft > 0 && late == nothing ->
       lostLeft--;
       late = v;
       lateEpoch = e;
       u = head(e);
       result = unclear
     }
#endif
  fi;
  atomic {
    mayLose = 0;
    if
    :: result == complete -> tell(v); goto done
    :: result == lost -> giveUp(v); goto done
    :: (result == trimmed || result == refused) && u == head(e) -> giveUp(v); goto done
    :: else
    fi;
#ifdef BUG_TRIMMED_IS_DONE
    /* Acknowledged, though the trim has not come to the tail. */
    if
    :: result == trimmed -> isAcknowledged = 1; goto done
    :: else
    fi;
#endif
#ifdef BUG_BLIND_RETRY
    giveUp(v);                            /* written again at once, at another position */
    goto done;
#endif
    stood = (u != head(e));
    learn()
  }
  /* AppendResolver (R16) */
  do
  :: atomic { e > granted && !isBelow -> giveUp(v); goto done }  /* it never was, nor will be */
  :: atomic { !(e > granted && !isBelow) -> answer = nothing };
     fill();
     atomic {
       if
       :: result == complete && x == v -> tell(v); goto done
       :: result == complete && x != v -> giveUp(v); tell(x); goto done
       :: result == trimmed ->            /* if not `stood`: nobody can say (.indefinite) */
          tell(trimmed);
          isAcknowledged = isAcknowledged || stood;
          goto done
       :: else -> learn()
       fi
     }
  od;
done:
  atomic { forget(); granted = 0; stood = 0 }
}

/* A write that arrives when nobody waits for it any more. */
proctype Latecomer() {
  byte u;
  byte e;
  mtype answer = nothing;
  bit isDirty;
end:
  atomic { late != nothing ->
    e = lateEpoch;
    admitWrite(late);
    late = nothing;
    lateEpoch = 0;
    answer = nothing;
    e = 0
  }
}

/* Somebody who has waited long enough for the position (R21). */
proctype Filler() {
  LOCALS;
  do
  :: atomic {
       learn();
#if defined(BUG_FILL_OLD_TAIL)
       if
       :: isGranted(1) || isGranted(2)    /* the tail that some sequencer told, once */
       :: else -> goto done
       fi
#elif !defined(BUG_FILL_FUTURE)
       if
       :: isGranted(e)
       :: else -> goto done               /* R17: the future is nobody's to fill */
       fi
#endif
     }
     fill();
     atomic {
       if
       :: result == complete -> tell(x); goto done
       :: result == trimmed -> tell(trimmed); goto done
       :: else -> forget()
       fi
     }
  od;
done:
  atomic { forget() }
}

proctype Trimmer() {
  LOCALS;
  do
  :: atomic {
       learn();
       if
       :: isGranted(e)
       :: else -> goto done               /* R20 */
       fi
     }
     trimDown();
     atomic {
       if
       :: result == trimmed -> tell(trimmed); goto done
       :: else -> forget()
       fi
     }
  od;
done:
  atomic { forget() }
}

/* ChainReader: the tail; if it has nothing the head, whose value is completed first (R18). */
proctype Reader() {
  LOCALS;
  byte reads = READS;
  bit wasTaken;     /* what others had been told when this read began: that something stands … */
  byte wasTrimmed;  /* … and that it is trimmed, in which epoch at the earliest */
  do
  :: atomic { reads > 0 ->
       reads--;
       wasTaken = isTaken;
       wasTrimmed = (isTrimmed[1] -> 1 : (isTrimmed[2] -> 2 : 0));
       /* Nobody has told this reader of epoch 2 yet; or somebody has. */
       if
       :: e = 1
       :: newest == 2 -> e = 2
       fi
     }
     do
     :: atomic { toTail(); read(); result = answer };
        if
        :: result == nothing ->
           atomic { u = head(e); read(); result = answer };
#ifdef BUG_TRIM_SEEN
           if                             /* told before the tail has heard of it */
           :: result == trimmed -> goto found
           :: else
           fi;
#endif
           if
           :: isValue(result) ->
              x = result;
#ifndef BUG_READ_HEAD
              writeDown(x);
              if
              :: result == trimmed -> trimDown()
              :: else
              fi
#endif
           :: result == trimmed -> trimDown()
           :: else
           fi
        :: isValue(result) -> x = result
        :: else
        fi;
#ifdef BUG_TRIM_SEEN
found:
#endif
        atomic {
          if
          :: isValue(result) || result == complete ->
             tell(x);
             assert(wasTrimmed == 0 || wasTrimmed > e);                    /* R20 */
             break
          :: result == trimmed -> tell(trimmed); break
          :: result == nothing ->
#ifndef BUG_UNCONFIRMED
             /* R19: it holds only if no newer epoch was decided when the answer came. */
             if
             :: newest > e -> learn()
             :: else ->
#endif
             assert(!wasTaken);                                            /* R18 */
             break
#ifndef BUG_UNCONFIRMED
             fi
#endif
          :: else -> learn()
          fi;
          x = nothing;
          result = nothing;
          answer = nothing
        }
     od;
     atomic { forget(); wasTaken = 0; wasTrimmed = 0 }
  :: reads == 0 -> break
  od
}

/* R4: the reply to a seal follows the writes under way, and the durable seal. */
#if defined(BUG_SEAL_EARLY)
#define mayAnswerSeal(u) (closedOnDisk[u])
#elif defined(BUG_SEAL_FORGOTTEN)
#define mayAnswerSeal(u) (memory[u] == disk[u])
#elif CRASHES
#define mayAnswerSeal(u) (closedOnDisk[u] && memory[u] == disk[u])
#else
#define mayAnswerSeal(u) true
#endif

/* Closes epoch 1 and begins epoch 2 with those units that it keeps (R22, R23). */
proctype Monitor() {
  byte u;
  bit hasKept;
  bit isAbove;      /* whether a unit that is kept has something at the position */
  do
  :: u < CHAIN ->
     if
     :: atomic { dropped[u] = 1; u++ }    /* no answer: the unit is left out */
     :: atomic { memory[u] != unknown -> closed[u] = 1 };
        do
        :: atomic { closed[u] == 0 -> closed[u] = 1 }   /* a crash in between: asked again */
        :: atomic { closed[u] && mayAnswerSeal(u) ->
             hasSealed[u] = 1;
             hasKept = 1;
             isAbove = isAbove || disk[u] != nothing;
             u++;
             break
           }
        od
#ifdef BUG_UNSEALED
     :: atomic { hasKept = 1; u++ }       /* kept without having been asked */
#endif
     fi
  :: else -> break
  od;
end:
  atomic { hasKept ->                     /* R24: without a survivor all waits */
    if
    :: isBelow = isAbove
    :: handedOut[1] -> isBelow = 1        /* the old sequencer answered, too (R11) */
    fi;
    newest = 2;
    isAbove = 0;
    u = 0
  }
  do
  :: u == CHAIN -> break
  :: atomic { u < CHAIN && dropped[u] -> u++ }
  :: atomic { u < CHAIN && !dropped[u] && memory[u] == disk[u] ->
       isNext[u] = 1;
       closed[u] = 1;
       closedOnDisk[u] = 1;
       u++
     }
  od;
  hasKept = 0
}

init {
  atomic {
#if WRITERS > 0
    run Writer(a);
#endif
#if WRITERS > 1
    run Writer(b);
#endif
#if FILLERS
    run Filler();
#endif
#if TRIMMERS
    run Trimmer();
#endif
#if READERS
    run Reader();
#endif
#if MONITORS
    run Monitor();
#endif
#if LOST
    run Latecomer();
#endif
    skip
  }
}
