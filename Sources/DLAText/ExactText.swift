/// Text that equals other text only if all of its bytes do.
///
/// `String` treats different spellings of a letter as equal, and takes time that grows with the
/// square of a run of combining marks: 14 seconds for a hostile name of 200 kB. Names from a file
/// are compared and hashed as bytes, as the reference implementation does.
package struct ExactText: Hashable, ExpressibleByStringLiteral {
  package let text: String

  package init(_ text: String) { self.text = text }

  package init(stringLiteral text: String) { self.text = text }

  package static func == (first: Self, second: Self) -> Bool {
    first.text.utf8.count == second.text.utf8.count
      && first.text.utf8.elementsEqual(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
