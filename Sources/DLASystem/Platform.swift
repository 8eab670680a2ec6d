import CDLASystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// System calls that need no file, and everything that differs between operating systems.
package enum Platform {
  /// Processors that may run threads of this process.
  package static let processorCount: Int = {
    var mask = [UInt8](repeating: 0, count: 1024)
    let written = dla_processor_mask(&mask, UInt(mask.count))
    guard written > 0 else { return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
    return max(1, mask.prefix(written).reduce(0) { $0 + $1.nonzeroBitCount })
  }()

  /// Bytes of the second-level cache that each core has; one mebibyte where the system does not
  /// say.
  package static let secondLevelCacheBytes: Int = {
    #if canImport(Glibc)
      let bytes = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
      if bytes > 0 { return bytes }
    #endif
    return 1 << 20
  }()

  package static func yield() { sched_yield() }

  /// A number that identifies the calling thread while it runs.
  package static var currentThread: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }

  /// Seconds since some fixed moment; never runs backwards.
  package static var monotonicSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds since the beginning of 1970, as the system's clock has them; may run backwards.
  package static var secondsSince1970: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Does nothing for some seconds; a signal ends that early.
  package static func sleep(seconds: Double) {
    var time = timespec(
      tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    nanosleep(&time, nil)
  }

  package static func exponential(_ x: Double) -> Double { exp(x) }

  package static func logarithm(_ x: Double) -> Double { log(x) }

  package static func logarithm10(_ x: Double) -> Double { log10(x) }

  package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  package static func cosine(_ angle: Double) -> Double { cos(angle) }

  package static func sine(_ angle: Double) -> Double { sin(angle) }

  /// The natural logarithm of the gamma function of `x`, which is above 0.
  package static func logGamma(_ x: Double) -> Double { lgamma(x) }

  package static let logTwo = log(2.0)

  /// The value of an environment variable, nil if it is not set.
  package static func environment(_ name: String) -> String? {
    getenv(name).map { PathText.text($0) }
  }

  /// The words of the command line, the name of the program first.
  package static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0].map { PathText.text($0) } }
  }

  package static func exit(_ status: Int32) -> Never { systemExit(status) }

  /// Writes all bytes to a descriptor.
  ///
  /// - Returns: nil, or why it failed, in the system's words.
  package static func write(_ bytes: [UInt8], to descriptor: Int32) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return String(cString: strerror(errno))
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Zeroed memory, aligned to a page, in huge pages where the system has them.
  package static func map(bytes: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let anonymous = MAP_ANON
    #else
      let anonymous = MAP_ANONYMOUS
    #endif
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | anonymous, -1, 0)
    guard address != MAP_FAILED, let address else { return nil }
    #if !canImport(Darwin)
      madvise(address, bytes, hugePages)
    #endif
    return address
  }

  /// `MADV_HUGEPAGE`, which glibc's module does not name.
  private static let hugePages: Int32 = 14

  package static func unmap(_ address: UnsafeMutableRawPointer, bytes: Int) {
    munmap(address, bytes)
  }

  /// Loads a shared library by path or by its name in the system; it stays loaded.
  ///
  /// - Returns: its handle, or why it could not be loaded, in the system's words.
  package static func load(library name: String) -> (handle: UnsafeMutableRawPointer?, why: String)
  {
    if let handle = dlopen(PathText.bytes(name), RTLD_NOW | RTLD_LOCAL) { return (handle, "") }
    return (nil, dlerror().map { String(cString: $0) } ?? "it can't be loaded")
  }

  /// The address of the symbol `name` of a loaded library.
  package static func symbol(
    _ name: String, in library: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer? { dlsym(library, name) }

  /// Gives back memory that a C library took with `malloc` and handed over.
  package static func releaseAllocation(_ address: UnsafeMutableRawPointer?) { free(address) }

  package static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    // Kernels need little; many threads with the default of 8 MB would take address space from
    // others.
    pthread_attr_setstacksize(&attributes, 1 << 19)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        #if canImport(Darwin)
          let raw: UnsafeMutableRawPointer? = argument
        #else
          let raw = argument
        #endif
        if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    if status != 0 { box.release() }
    return status == 0
  }
}

package final class Condition: @unchecked Sendable {
  // Unchecked: the pointers never change, and POSIX synchronises what they point to.
  // A lock and a condition variable must not move: both live behind pointers of their own.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let variable = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(variable, nil)
  }

  deinit {
    pthread_cond_destroy(variable)
    pthread_mutex_destroy(mutex)
    variable.deallocate()
    mutex.deallocate()
  }

  /// Takes the lock, for what takes no wait.
  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }

  /// Sleeps until `ready` is true; `ready` is asked under the lock.
  package func wait(until ready: () -> Bool) {
    pthread_mutex_lock(mutex)
    while !ready() { pthread_cond_wait(variable, mutex) }
    pthread_mutex_unlock(mutex)
  }

  package func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(variable)
    pthread_mutex_unlock(mutex)
  }
}

/// `exit`, whose name `Platform` uses itself.
private func systemExit(_ status: Int32) -> Never { exit(status) }

/// `write`, whose name `Platform` uses itself.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
