// DLAHub calls the operating system's files only through this file and those of DLASystem.
import DLASystem
import DLAText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is being fetched: it grows at its end, outlives the process and is renamed when whole.
final class PartFile {
  private let file: GrowingFile

  var path: String { file.path }
  /// Bytes that are there.
  var count: Int { file.count }

  /// Opens the file, which is made if it is missing; see `GrowingFile`.
  init(path: String) throws(HubError) {
    file = try told { () throws(FileError) in try GrowingFile(path: path) }
  }

  /// Removes all bytes.
  func clear() throws(HubError) {
    try told { () throws(FileError) in try file.truncate(to: 0) }
  }

  /// Appends bytes; what was written before a failure stays.
  func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
    try told { () throws(FileError) in try file.append(bytes) }
  }

  /// Makes the bytes durable and gives the file its name.
  func finish(as name: String) throws(HubError) {
    try told { () throws(FileError) in try file.finish(as: name) }
  }
}

/// Tells what the system refused as an error of this module.
private func told<Result>(_ body: () throws(FileError) -> Result) throws(HubError) -> Result {
  do throws(FileError) {
    return try body()
  } catch {
    throw HubError(.file, "\(printablePath(error.path)): \(error.reason)")
  }
}

/// A lock that one process at a time has, and that ends with the process whatever ends it.
final class FileLock {
  private let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Waits for the lock, which is given back when the object goes away.
  ///
  /// - Parameters:
  ///   - path: a file that is there while the lock is held.
  ///   - waiting: called once if another process has it.
  /// - Returns: the lock.
  /// - Throws: `HubError` if the file can't be made or locked.
  static func acquire(_ path: String, waiting: () -> Void) throws(HubError) -> FileLock {
    var hasWaited = false
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
      guard descriptor >= 0 else { throw failed("cannot be written", path) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        if errno == EWOULDBLOCK && !hasWaited {
          hasWaited = true
          waiting()
        }
        while flock(descriptor, LOCK_EX) != 0 {
          guard errno == EINTR else {
            let error = failed("cannot be locked", path)
            close(descriptor)
            throw error
          }
        }
      }
      // Whoever had it has removed the file: others may have made and locked a new one.
      var (held, named) = (stat(), stat())
      if fstat(descriptor, &held) == 0, lstat(path, &named) == 0, held.st_ino == named.st_ino,
        held.st_dev == named.st_dev
      {
        return FileLock(path: path, descriptor: descriptor)
      }
      close(descriptor)
    }
  }

  deinit {
    // Only ever a file of this kind: others of the name are not empty.
    var status = stat()
    if fstat(descriptor, &status) == 0 && status.st_size == 0 { unlink(path) }
    close(descriptor)
  }
}

/// Whether there is a regular file, with bytes, of this name.
func isFilled(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
}

/// Refuses a name for a new file that is a folder's, a device's or in a folder that is not there.
///
/// - Returns: whether a regular file has the name already.
func existsAsFile(_ path: String) throws(HubError) -> Bool {
  var status = stat()
  guard !path.utf8.contains(0), !path.isEmpty, !path.hasSuffix("/") else {
    throw HubError(.file, "\(printablePath(path)): a file name is expected")
  }
  let parent = folder(of: path)
  guard stat(parent, &status) == 0 else { throw failed("cannot be written", parent) }
  guard stat(path, &status) == 0 else { return false }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw HubError(.file, "\(printablePath(path)): is not a regular file; name another")
  }
  return true
}

private func folder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
}

/// Explains the system call that has just failed.
private func failed(_ action: String, _ path: String) -> HubError {
  HubError(.file, "\(printablePath(path)): \(action): \(String(cString: strerror(errno)))")
}
