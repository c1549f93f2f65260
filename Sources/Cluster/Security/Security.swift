/// How connections are kept from strangers.
public enum Security: Sendable {
  /// They are not: anybody who reaches the port may ask anything. For loopback, and for networks
  /// that somebody else keeps closed.
  case open
  /// Encrypted, and both sides show a certificate of the cluster's own authority (TLS 1.3).
  case mutual(Credentials)
}
