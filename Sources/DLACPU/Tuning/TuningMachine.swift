import CDLASystem
import DLASystem

/// What timings are true of: this processor, and how much of it is used.
struct TuningMachine: Sendable {
  /// One line of text.
  let description: String

  /// This machine.
  ///
  /// - Parameters:
  ///   - instructionSet: the vector instructions of the plan.
  ///   - threads: the threads of the plan.
  init(_ instructionSet: InstructionSet, threads: Int) {
    description = [
      Self.processor, "\(Platform.secondLevelCacheBytes) bytes of cache", instructionSet.rawValue,
      "\(threads) threads", "swift-dla \(packageVersion)",
    ].joined(separator: ", ")
  }

  /// The processor's name and model; on other than x86-64 only that it is another.
  private static let processor: String = {
    var name = [CChar](repeating: 0, count: 49)
    let model = dla_cpu_model(&name)
    // A virtual machine chooses its name, which must not break the line.
    let letters = name.prefix { $0 != 0 }.map { (32...126).contains($0) ? UInt8($0) : 63 }
    let words = String(decoding: letters, as: UTF8.self)
    return model == 0 ? "not x86-64" : "\(words) model \(String(model, radix: 16))"
  }()

  /// The name of its file, without what all names end in.
  var name: String {
    let hash = Array(description.utf8).withUnsafeBytes { xxHash64($0) }
    return String(hash, radix: 16)
  }
}
