import CorfuChecks
import PaxosConfiguratorExercises

// The checks of chapter 6, on what you wrote. `swift run course check 6` runs this.
CheckProgram(
  AcceptorChecks<Acceptor<Int>>().checks + RoundChecks<Round<Int, Int>>().checks
    + ChainPlanningChecks<ChainPlanner>().checks + RebuildPlanningChecks<RebuildPlan>().checks
    + VoteBreakingChecks<PaxosConfiguratorExercises.VoteBreaker>().checks
    + InquiringChecks<Inquiry>().checks
).main()
