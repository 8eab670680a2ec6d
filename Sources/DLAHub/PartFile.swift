// DLAHub calls the operating system's files only through this file and those of DLACore.
import DLACore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is being fetched: it grows at its end, outlives the process and is renamed when whole.
final class PartFile {
  let path: String
  /// Bytes that are there.
  private(set) var count: Int
  private let descriptor: Int32

  /// Opens the file, which is made if it is missing.
  ///
  /// - Throws: `HubError` if it can't be written to or is not a regular file; a symbolic link is not
  ///   followed, since in a folder of several users another one may have put it there.
  init(path: String) throws(HubError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let descriptor = open(path, flags, 0o666)
    guard descriptor >= 0 else { throw failed("cannot be written", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw HubError(.file, "\(shown(path)): is not a regular file; remove it")
    }
    // Whoever else could write to it could change it after it was checked.
    guard status.st_uid == geteuid(), status.st_nlink == 1 else {
      close(descriptor)
      throw HubError(
        .file, "\(shown(path)): belongs to another user or has a second name; remove it")
    }
    self.descriptor = descriptor
    self.path = path
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Removes all bytes.
  func clear() throws(HubError) {
    guard ftruncate(descriptor, 0) == 0 else { throw failed("cannot be emptied", path) }
    count = 0
  }

  /// Appends bytes.
  ///
  /// - Throws: `HubError` if the system refuses, for instance because the disk is full; what was
  ///   written before stays.
  func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = pwrite(descriptor, part.baseAddress, part.count, off_t(count))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw failed("cannot be written, and keeps what has arrived", path)
      }
      count += written
      rest = rest.dropFirst(written)
    }
  }

  /// Makes the bytes durable and gives the file its name.
  ///
  /// An existing file's permissions are kept, and a symbolic link is followed.
  ///
  /// - Throws: `HubError` if the system refuses; an existing file is then unchanged.
  func finish(as name: String) throws(HubError) {
    guard fsync(descriptor) == 0 else { throw failed("cannot be written", path) }
    var status = stat()
    let exists = stat(name, &status) == 0
    if exists { fchmod(descriptor, status.st_mode & 0o7777) }
    let target = exists ? resolvedPath(name) : name
    guard rename(path, target) == 0 else { throw failed("cannot be replaced", name) }
    // Not every file system can make the name durable too, and the file is whole anyway.
    let folder = open(folder(of: target), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
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
    throw HubError(.file, "\(shown(path)): a file name is expected")
  }
  let parent = folder(of: path)
  guard stat(parent, &status) == 0 else { throw failed("cannot be written", parent) }
  guard stat(path, &status) == 0 else { return false }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw HubError(.file, "\(shown(path)): is not a regular file; name another")
  }
  return true
}

private func folder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
}

/// Explains the system call that has just failed.
private func failed(_ action: String, _ path: String) -> HubError {
  HubError(.file, "\(shown(path)): \(action): \(String(cString: strerror(errno)))")
}

/// A path as it may stand in a message.
func shown(_ path: String) -> String { printable(path, limit: .max) }
