// Other modules call the operating system's files only through this folder and
// DLAHub/PartFile.swift.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that could not be opened, mapped, read or written.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The file, as the caller named it.
  public let path: String
  /// The failure and its reason, for instance `cannot be opened: No such file or directory`.
  public let reason: String

  /// The path and the reason.
  public var description: String { "\(path): \(reason)" }

  package init(_ path: String, _ reason: String) {
    (self.path, self.reason) = (path, reason)
  }

  /// Explains the system call that has just failed.
  init(_ path: String, failed action: String) {
    self.init(path, "\(action): \(String(cString: strerror(errno)))")
  }
}

/// The bytes of a regular file, mapped read-only into memory.
///
/// Pages are read when they are first touched. If another process makes the file shorter meanwhile,
/// touching a page past its new end ends this process with SIGBUS; replacing the file by renaming
/// another one over it is safe.
public final class MappedFile: Sendable {
  /// The file, as the caller named it.
  public let path: String
  /// All bytes of the file; valid while this object lives.
  ///
  /// Never written to, and unmapped only by `deinit`, so reading it from any thread is safe.
  nonisolated(unsafe) public let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  ///
  /// - Parameter path: a regular file; a folder, pipe or device is refused without waiting for it.
  /// - Throws: `FileError` if it cannot be opened, mapped, or is not a regular file.
  public convenience init(path: String) throws(FileError) {
    try requireNoZero(path)
    let descriptor = open(PathText.bytes(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path, failed: "cannot be opened") }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps a file that is open, whatever has become of its name; the caller closes the descriptor.
  ///
  /// - Throws: `FileError` if it cannot be mapped, or is not a regular file.
  init(descriptor: Int32, path: String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, failed: "cannot be read") }
    try requireRegular(status, path)
    self.path = path
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let count = Int(status.st_size)
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw FileError(path, failed: "cannot be mapped into memory")
    }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  deinit {
    guard let address = bytes.baseAddress else { return }
    munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
  }

  /// Gives back the memory of the pages that lie wholly inside a range.
  ///
  /// Touching them again reads them again. On Darwin this is only a hint.
  ///
  /// - Parameter range: positions in `bytes`.
  /// - Precondition: the range lies inside `bytes`.
  public func releasePages(of range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) of \(path)")
    guard let address = bytes.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = (range.lowerBound + page - 1) / page * page
    // The last page of the file is released with the file's last byte.
    let end = range.upperBound == bytes.count ? bytes.count : range.upperBound / page * page
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: address + start), end - start, MADV_DONTNEED)
  }
}

/// Bytes that can be read once, from their start to their end.
package struct ByteStream: Sendable {
  /// Standard input: a file, a pipe, a terminal or a device.
  package static let standardInput = ByteStream(descriptor: STDIN_FILENO, name: "standard input")

  private let descriptor: Int32
  private let name: String

  /// Describes a descriptor that the caller opens and closes.
  package init(descriptor: Int32, name: String) {
    (self.descriptor, self.name) = (descriptor, name)
  }

  /// The first bytes of a file, a pipe or a device, `limit` at most.
  ///
  /// - Throws: `FileError` if it cannot be opened or read.
  package static func bytes(ofFile path: String, upTo limit: Int) throws(FileError) -> [UInt8] {
    try requireNoZero(path)
    let descriptor = open(PathText.bytes(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, failed: "cannot be opened") }
    defer { close(descriptor) }
    return try ByteStream(descriptor: descriptor, name: path).bytes(upTo: limit)
  }

  /// Reads on.
  ///
  /// Cost: memory for at most one and a half times `limit` or 128 KiB, however much there is.
  ///
  /// - Returns: the bytes, fewer than `limit` only where they end.
  /// - Throws: `FileError` if the system refuses.
  package func bytes(upTo limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      // The last step is a long one, so that the buffer before it is small beside the last.
      let isLast = bytes.count >= limit / 4
      let capacity = isLast ? limit : min(max(bytes.count * 2, 1 << 16), limit)
      var failure: FileError?
      let longer = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        _ = UnsafeMutableBufferPointer(rebasing: buffer[..<bytes.count]).initialize(from: bytes)
        let rest = UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: buffer[bytes.count..<capacity]))
        count = bytes.count
        do throws(FileError) { count += try fill(rest) } catch { failure = error }
      }
      if let failure { throw failure }
      bytes = longer
      if bytes.count < capacity { break }
    }
    return bytes
  }

  /// Reads until the buffer is full or the bytes end, and tells how many there were.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var rest = buffer[...]
    while !rest.isEmpty {
      let part = UnsafeMutableRawBufferPointer(rebasing: rest)
      let count = read(descriptor, part.baseAddress, min(part.count, 1 << 30))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(name, failed: "cannot be read") }
      if count == 0 { break }
      rest = rest.dropFirst(count)
    }
    return buffer.count - rest.count
  }
}

extension UnsafeRawBufferPointer {
  /// The first position from `start` on that holds `byte`, nil where there is none.
  package func firstOffset(of byte: UInt8, from start: Int) -> Int? {
    guard (0..<count).contains(start), let baseAddress,
      let found = memchr(baseAddress + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - baseAddress
  }
}

/// A file that appears whole or not at all.
///
/// Bytes go to `.<name>.<process>.tmp` in the same folder; `commit()` makes them durable and
/// renames that file to its name. Without a successful `commit()` the temporary file is removed
/// when the object goes away and an existing file stays as it was.
public final class ReplacementFile {
  private let path: String
  private let target: String
  private var temporary: String?
  private var descriptor: Int32

  /// Creates the temporary file.
  ///
  /// A symbolic link is followed, and an existing file's permissions are kept.
  ///
  /// - Parameter path: the file to write or replace.
  /// - Throws: `FileError` if its folder cannot be written to, or it exists and is not a regular
  ///   file.
  public init(path: String) throws(FileError) {
    try requireNoZero(path)
    var status = stat()
    let exists = stat(PathText.bytes(path), &status) == 0
    if exists { try requireRegular(status, path) }
    self.path = path
    target = exists ? resolvedPath(path) : path
    let (folder, name) = split(target)
    guard !name.isEmpty else { throw FileError(path, "a file name is expected, not a folder's") }
    // A second writer of the same file in this process, or a leftover, makes the first name taken.
    var attempt = 0
    repeat {
      let suffix = attempt == 0 ? "" : ".\(attempt)"
      let candidate = "\(folder).\(name).\(getpid())\(suffix).tmp"
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
      descriptor = open(PathText.bytes(candidate), flags, 0o666)
      temporary = descriptor >= 0 ? candidate : nil
      attempt += 1
    } while descriptor < 0 && errno == EEXIST && attempt < 100
    guard descriptor >= 0 else {
      let isMissing = errno == ENOENT && !folder.isEmpty
      throw isMissing
        ? FileError(path, "cannot be written: there is no folder \(folder)")
        : FileError(path, failed: "cannot be written")
    }
    if exists { fchmod(descriptor, status.st_mode & 0o7777) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary { unlink(PathText.bytes(temporary)) }
  }

  /// The name of a file that is being written, or was left when its writer was killed.
  ///
  /// - Returns: the name that it is to have, with the number of the process behind it; nil if no
  ///   writer's file is named like that.
  package static func unfinished(_ name: String) -> Substring? {
    name.hasPrefix(".") && name.hasSuffix(".tmp") ? name.dropFirst().dropLast(3) : nil
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: what to append.
  /// - Throws: `FileError` if the system refuses, for instance because the disk is full.
  /// - Precondition: `commit()` has not been called.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    precondition(descriptor >= 0, "\(path) is already finished")
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = write(descriptor, part.baseAddress, min(part.count, 1 << 30))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FileError(path, failed: "cannot be written") }
      rest = rest.dropFirst(written)
    }
  }

  /// Makes the bytes durable and gives the file its name.
  ///
  /// - Throws: `FileError` if the system refuses; an existing file is then unchanged.
  /// - Precondition: it is called once.
  public func commit() throws(FileError) {
    precondition(descriptor >= 0, "\(path) is already finished")
    guard let finished = temporary else { return }
    let synchronized = fsync(descriptor)
    let failure = errno
    let closed = close(descriptor)
    descriptor = -1
    if synchronized != 0 { errno = failure }
    guard synchronized == 0, closed == 0 else { throw FileError(path, failed: "cannot be written") }
    guard rename(PathText.bytes(finished), PathText.bytes(target)) == 0 else {
      throw FileError(path, failed: "cannot be replaced")
    }
    temporary = nil
    synchronizeFolder(of: target)
  }
}

/// Asks for the new name to be durable too; not every file system can, and the file is whole
/// anyway.
func synchronizeFolder(of path: String) {
  let folder = split(path).folder
  let descriptor = open(PathText.bytes(folder.isEmpty ? "." : folder), O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

/// Divides a path after its last slash; `folder` is empty or ends in the slash.
private func split(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
  return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
}

/// The path without symbolic links, so that renaming replaces the file and not a link to it.
package func resolvedPath(_ path: String) -> String {
  guard let absolute = realpath(PathText.bytes(path), nil) else { return path }
  defer { free(absolute) }
  return PathText.text(absolute)
}

/// A zero byte would cut the path short for the system.
private func requireNoZero(_ path: String) throws(FileError) {
  guard !path.isEmpty else { throw FileError(path, "the path is empty") }
  guard !path.utf8.contains(0) else { throw FileError(path, "the path contains a zero byte") }
}

private func requireRegular(_ status: stat, _ path: String) throws(FileError) {
  let kind: String
  switch status.st_mode & S_IFMT {
  case S_IFREG: return
  case S_IFDIR: kind = "a folder"
  case S_IFIFO: kind = "a pipe"
  case S_IFSOCK: kind = "a socket"
  default: kind = "a device"
  }
  throw FileError(path, "is \(kind), a regular file is expected")
}

/// The number of a file or folder, whatever path leads there.
package struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64

  /// The identity of what a path leads to; nil if there is nothing.
  package init?(path: String) {
    var status = stat()
    guard stat(PathText.bytes(path), &status) == 0 else { return nil }
    (device, number) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino))
  }
}

/// True if two paths lead to one existing file.
package func areSameFile(_ a: String, _ b: String) -> Bool {
  guard let first = FileIdentity(path: a) else { return false }
  return first == FileIdentity(path: b)
}

/// True if a path is a symbolic link, wherever it leads.
package func isSymbolicLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(PathText.bytes(path), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}
