import DLASystem

/// NVIDIA's compiler of kernels at run time (NVRTC).
package struct NVRTC: @unchecked Sendable {
  // Unchecked: pointers to functions that may be called from all threads.
  private typealias Status = Int32
  private typealias Program = OpaquePointer
  private typealias Strings = UnsafeMutablePointer<UnsafePointer<CChar>?>

  package let library: DynamicLibrary
  /// For instance 12.9.
  package let version: (major: Int, minor: Int)

  /// The compute capabilities it compiles for, 90 for 9.0.
  let capabilities: [Int]

  private let createProgram:
    @convention(c) (
      UnsafeMutablePointer<Program?>, UnsafePointer<CChar>, UnsafePointer<CChar>, Int32, Strings?,
      Strings?
    ) -> Status
  private let destroyProgram: @convention(c) (UnsafeMutablePointer<Program?>) -> Status
  private let compileProgram: @convention(c) (Program, Int32, Strings) -> Status
  private let getLogSize: @convention(c) (Program, UnsafeMutablePointer<Int>) -> Status
  private let getLog: @convention(c) (Program, UnsafeMutablePointer<CChar>) -> Status
  private let getBinarySize: @convention(c) (Program, UnsafeMutablePointer<Int>) -> Status
  private let getBinary: @convention(c) (Program, UnsafeMutablePointer<CChar>) -> Status

  /// Finds all functions.
  ///
  /// - Throws: `DynamicLibrary.LoadError` if one is missing, as before CUDA 11.2.
  package init(_ library: DynamicLibrary) throws(DynamicLibrary.LoadError) {
    self.library = library
    createProgram = try library.function("nvrtcCreateProgram")
    destroyProgram = try library.function("nvrtcDestroyProgram")
    compileProgram = try library.function("nvrtcCompileProgram")
    getLogSize = try library.function("nvrtcGetProgramLogSize")
    getLog = try library.function("nvrtcGetProgramLog")
    getBinarySize = try library.function("nvrtcGetCUBINSize")
    getBinary = try library.function("nvrtcGetCUBIN")
    typealias GetVersion =
      @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Status
    let getVersion: GetVersion = try library.function("nvrtcVersion")
    var major: Int32 = 0
    var minor: Int32 = 0
    _ = getVersion(&major, &minor)
    version = (Int(major), Int(minor))
    typealias Get = @convention(c) (UnsafeMutablePointer<Int32>) -> Status
    let getCount: Get = try library.function("nvrtcGetNumSupportedArchs")
    let getCapabilities: Get = try library.function("nvrtcGetSupportedArchs")
    var count: Int32 = 0
    guard getCount(&count) == 0, count > 0 else {
      capabilities = []
      return
    }
    var supported = [Int32](repeating: 0, count: Int(count))
    capabilities = getCapabilities(&supported) == 0 ? supported.map(Int.init) : []
  }

  package struct Output {
    /// The machine code; empty if the source could not be compiled.
    package let binary: [UInt8]
    /// The compiler's messages, with or without success.
    package let log: String
  }

  /// Compiles CUDA C++ to machine code, with options as for `nvcc`.
  package func compile(_ source: String, options: [String]) -> Output {
    var created: Program?
    guard createProgram(&created, source, "dla.cu", 0, nil, nil) == 0, let program = created else {
      return Output(binary: [], log: "NVRTC takes no program")
    }
    defer { _ = destroyProgram(&created) }
    let isCompiled = withCStrings(options) {
      compileProgram(program, Int32(options.count), $0) == 0
    }
    let log = bytes(getLogSize, getLog, of: program)
    return Output(
      binary: isCompiled ? bytes(getBinarySize, getBinary, of: program) : [],
      log: String(decoding: log.prefix { $0 != 0 }, as: UTF8.self))
  }

  private func bytes(
    _ size: @convention(c) (Program, UnsafeMutablePointer<Int>) -> Status,
    _ read: @convention(c) (Program, UnsafeMutablePointer<CChar>) -> Status, of program: Program
  ) -> [UInt8] {
    var count = 0
    guard size(program, &count) == 0, count > 0 else { return [] }
    var characters = [CChar](repeating: 0, count: count)
    guard read(program, &characters) == 0 else { return [] }
    return characters.map(UInt8.init(bitPattern:))
  }

  private func withCStrings<Result>(_ strings: [String], _ body: (Strings) -> Result) -> Result {
    // All strings in one block, each with its zero.
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return bytes.withUnsafeBufferPointer { buffer in
      var addresses: [UnsafePointer<CChar>?] = []
      var offset = 0
      for string in strings {
        addresses.append(buffer.baseAddress.map { $0 + offset })
        offset += string.utf8CString.count
      }
      return addresses.withUnsafeMutableBufferPointer { addresses in
        guard let base = addresses.baseAddress else { preconditionFailure("no options are given") }
        return body(base)
      }
    }
  }
}
