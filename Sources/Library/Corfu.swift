// All that a program needs of a log, with one import.

@_exported public import CorfuClient
@_exported public import CorfuCluster
@_exported public import CorfuGlobalLog
@_exported public import CorfuProtocol
@_exported public import CorfuSequencer
@_exported public import CorfuTransactions
