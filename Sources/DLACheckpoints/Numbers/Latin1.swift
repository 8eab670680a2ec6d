/// Reads bytes that were written as text, one character each.
///
/// Python 3 pickles bytes so below protocol 3: those from 0x80 on take two bytes of UTF-8, the first
/// 0xC2 or 0xC3. There is no branch to mispredict, since in weights every second byte is such a one.
///
/// - Parameters:
///   - text: UTF-8.
///   - target: memory for exactly the bytes that the text holds.
/// - Returns: whether the text is valid and holds as many bytes as `target`.
func decodeLatin1(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) -> Bool {
  guard let source = text.baseAddress, let start = target.baseAddress else {
    return text.isEmpty && target.isEmpty
  }
  let source8 = source.assumingMemoryBound(to: UInt8.self)
  let target8 = start.assumingMemoryBound(to: UInt8.self)
  var written = 0
  // The low bit of a first byte is the seventh bit of the result, which stands in the second byte.
  var carried: UInt8 = 0
  var expectsSecond = false
  var isValid = true
  for index in 0..<text.count {
    let byte = source8[index]
    let isFirst = byte & 0xFE == 0xC2
    let isSecond = byte & 0xC0 == 0x80
    isValid = isValid && (isSecond == expectsSecond) && (byte < 0x80 || isFirst || isSecond)
    guard written < target.count || isFirst else { return false }
    if !isFirst {
      target8[written] = byte | carried
      written += 1
    }
    carried = isFirst ? (byte & 1) << 6 : 0
    expectsSecond = isFirst
  }
  return isValid && !expectsSecond && written == target.count
}
