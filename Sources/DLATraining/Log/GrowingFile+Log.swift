import DLASystem
import DLAText

extension GrowingFile {
  /// Appends all of some bytes or none.
  ///
  /// - Parameter bytes: what to append.
  /// - Throws: `FileError` if the system refuses; what arrived is removed again.
  func appendWhole(_ bytes: [UInt8]) throws(FileError) {
    let before = count
    do throws(FileError) {
      try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
        try append(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      // What follows half an entry could not be told from it.
      try? truncate(to: before)
      throw error
    }
  }

  /// Makes sure that the file can be cut where a checkpoint says it ended.
  ///
  /// - Parameters:
  ///   - place: bytes from its start.
  ///   - isBoundary: whether an entry ends there.
  /// - Throws: `TrainingError` if it can't.
  func requirePlace(_ place: Int, isBoundary: Bool) throws(TrainingError) {
    guard place >= 0, place <= count, isBoundary else {
      let found = place > count ? "has \(count)" : "has no end of an entry there"
      throw TrainingError(
        code: .unsuitableLog,
        message:
          "\(printablePath(path)): the checkpoint was written when it had \(place) bytes, now "
          + "it \(found)")
    }
  }
}
