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

/// An incomplete download: it grows at its end, survives the process and is renamed when complete.
final class PartFile {
  private let file: GrowingFile

  var path: String { file.path }
  var count: Int { file.count }

  /// Opens or creates the file; see `GrowingFile`.
  init(path: String) throws(HubError) {
    file = try converting { () throws(FileError) in try GrowingFile(path: path) }
  }

  /// Removes all bytes.
  func clear() throws(HubError) {
    try converting { () throws(FileError) in try file.truncate(to: 0) }
  }

  /// Appends bytes; on failure, the bytes written before stay.
  func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
    try converting { () throws(FileError) in try file.append(bytes) }
  }

  /// Syncs and renames the file.
  func finish(as name: String) throws(HubError) {
    try converting { () throws(FileError) in try file.finish(as: name) }
  }
}

/// Converts file errors into errors of this module.
private func converting<Result>(_ body: () throws(FileError) -> Result) throws(HubError) -> Result {
  do throws(FileError) {
    return try body()
  } catch {
    throw HubError(.file, "\(printablePath(error.path)): \(error.reason)")
  }
}

/// A lock between processes that ends with its process.
final class FileLock {
  private let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    (self.path, self.descriptor) = (path, descriptor)
  }

  /// Waits for the lock, which lasts as long as this; `waiting` is called once if another process
  /// holds it.
  ///
  /// - Returns: the lock.
  /// - Throws: `HubError` if the file can't be created or locked.
  static func acquire(_ path: String, waiting: () -> Void) throws(HubError) -> FileLock {
    var hasWaited = false
    while true {
      let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
      let descriptor = open(PathText.bytes(path), flags, 0o666)
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
      // The previous holder removed the file: others may have created and locked a new one.
      var (held, named) = (stat(), stat())
      if fstat(descriptor, &held) == 0, lstat(PathText.bytes(path), &named) == 0,
        held.st_ino == named.st_ino, held.st_dev == named.st_dev
      {
        return FileLock(path: path, descriptor: descriptor)
      }
      close(descriptor)
    }
  }

  deinit {
    // A lock file is empty; other files of this name are not removed.
    var status = stat()
    if fstat(descriptor, &status) == 0 && status.st_size == 0 { unlink(PathText.bytes(path)) }
    close(descriptor)
  }
}

/// True if there is a non-empty regular file at a path.
func isFilled(_ path: String) -> Bool {
  var status = stat()
  return stat(PathText.bytes(path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    && status.st_size > 0
}

/// True if a regular file exists at a path.
///
/// - Throws: `HubError` if the path is a folder, a device, or in a missing folder.
func existsAsFile(_ path: String) throws(HubError) -> Bool {
  var status = stat()
  guard !path.utf8.contains(0), !path.isEmpty, !path.hasSuffix("/") else {
    throw HubError(.file, "\(printablePath(path)): a file name is expected")
  }
  let parent = folder(of: path)
  guard stat(PathText.bytes(parent), &status) == 0 else {
    throw failed("cannot be written", parent)
  }
  guard stat(PathText.bytes(path), &status) == 0 else { return false }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw HubError(.file, "\(printablePath(path)): is not a regular file")
  }
  return true
}

private func folder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
}

/// The error of the last system call.
private func failed(_ action: String, _ path: String) -> HubError {
  HubError(.file, "\(printablePath(path)): \(action): \(String(cString: strerror(errno)))")
}
