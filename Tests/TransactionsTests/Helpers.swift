import Testing

/// Expects a value; unlike `#expect`, of what changes something as well.
func expect<Value: Equatable>(
  _ value: Value,
  is expected: Value,
  at place: SourceLocation = #_sourceLocation
) {
  #expect(value == expected, sourceLocation: place)
}
