import ClusterExercises
import CorfuChecks

// The checks of chapter 8, on what you wrote. `swift run course check 8` runs this.
CheckProgram(
  FrameFrontChecks<FrameFront>().checks + PendingCallChecks<PendingCalls<Int, Int>>().checks
    + RestChecks<ReconnectRest>().checks + SendPacingChecks<SendTurns>().checks
    + ClusterBreakingChecks<ClusterExercises.ClusterBreaker>().checks
).main()
