#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that grows at its end and outlives the process, so that later ones can continue it.
package final class GrowingFile {
  /// The file, as the caller named it.
  package let path: String
  /// Bytes that are there.
  package private(set) var count: Int
  private let descriptor: Int32

  /// Opens the file, which is made if it is missing.
  ///
  /// - Throws: `FileError` if it can't be written to or is not a regular file of this user; a
  ///   symbolic link is not followed, since in a folder of several users another one may have put
  ///   it there.
  package init(path: String) throws(FileError) {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let descriptor = open(PathText.bytes(path), flags, 0o666)
    guard descriptor >= 0 else { throw FileError(path, failed: "cannot be written") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(path, "is not a regular file; remove it")
    }
    // Another user who could write to it could change it after it was checked.
    guard status.st_uid == geteuid(), status.st_nlink == 1 else {
      close(descriptor)
      throw FileError(path, "belongs to another user or has a second name; remove it")
    }
    (self.descriptor, self.path) = (descriptor, path)
    count = Int(status.st_size)
  }

  /// Makes a file that has no name, so that it goes away with this object or its process.
  ///
  /// - Throws: `FileError` if the folder can't be written to.
  package init(temporaryIn folder: String) throws(FileError) {
    var template = PathText.bytes("\(folder)/dla-XXXXXX")
    descriptor = mkstemp(&template)
    path = folder
    guard descriptor >= 0 else { throw FileError(folder, failed: "cannot be written to") }
    unlink(template)
    count = 0
  }

  deinit { close(descriptor) }

  /// Keeps other processes that ask for the lock out, until this object goes away.
  ///
  /// - Returns: false if another process has the lock, or has meanwhile removed the file. Where the
  ///   file system has no locks, it is always true.
  package func tryLock() -> Bool {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return false }
    var held = stat()
    var named = stat()
    return fstat(descriptor, &held) == 0 && lstat(PathText.bytes(path), &named) == 0
      && held.st_ino == named.st_ino && held.st_dev == named.st_dev
  }

  /// The bytes that are there now.
  ///
  /// - Throws: `FileError` if they can't be mapped.
  package func mapped() throws(FileError) -> MappedFile {
    try MappedFile(descriptor: descriptor, path: path)
  }

  /// Removes the bytes behind the first `length`, which is at most `count`.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func truncate(to length: Int) throws(FileError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else {
      throw FileError(path, failed: "cannot be shortened")
    }
    count = length
  }

  /// Appends bytes.
  ///
  /// - Throws: `FileError` if the system refuses, for instance because the disk is full; what was
  ///   written before stays.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = pwrite(descriptor, part.baseAddress, part.count, off_t(count))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw FileError(path, failed: "cannot be written, and keeps what has arrived")
      }
      count += written
      rest = rest.dropFirst(written)
    }
  }

  /// Makes the bytes durable.
  ///
  /// - Throws: `FileError` if the system refuses.
  package func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path, failed: "cannot be written") }
  }

  /// Makes the bytes durable and gives the file its name.
  ///
  /// An existing file's permissions are kept, and a symbolic link is followed.
  ///
  /// - Throws: `FileError` if the system refuses; an existing file is then unchanged.
  package func finish(as name: String) throws(FileError) {
    try synchronize()
    var status = stat()
    let exists = stat(PathText.bytes(name), &status) == 0
    if exists { fchmod(descriptor, status.st_mode & 0o7777) }
    let target = exists ? resolvedPath(name) : name
    guard rename(PathText.bytes(path), PathText.bytes(target)) == 0 else {
      throw FileError(name, failed: "cannot be replaced")
    }
    synchronizeFolder(of: target)
  }
}
