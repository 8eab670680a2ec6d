import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C and the like, for work that must save its state before it ends.
package enum Interruption {
  /// The signal that came; 0 for none.
  private static let signal = Atomic<Int32>(0)
  /// The address of the note that is written at once; 0 before the first `watch`.
  private static let note = Atomic<UInt>(0)

  /// The signal that asked the process to end since ``watch()``, nil if none did.
  package static var requested: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Records the first interrupt or termination; a second one ends the process as usual.
  ///
  /// Signals that the process was started to ignore, for instance behind `nohup`, stay ignored.
  /// `note` is a line for standard error when the first one comes, for work that takes a while to
  /// save.
  package static func watch(note: StaticString = "") {
    // Made before a handler can ask for them: making them is not for handlers.
    signal.store(0, ordering: .relaxed)
    Self.note.store(UInt(bitPattern: note.utf8Start), ordering: .relaxed)
    for number in [SIGINT, SIGTERM] where !isIgnored(number) {
      setHandler(number) { number in
        Interruption.signal.store(number, ordering: .relaxed)
        Interruption.tell()
        setHandler(number, SIG_DFL)
      }
    }
  }

  /// Writes the note, in a signal's handler: nothing else that writes may be called there.
  ///
  /// The reader may have ended already, for instance `tee` by the same Ctrl-C; that must not end
  /// this process before its work is saved.
  private static func tell() {
    guard let note = UnsafePointer<CChar>(bitPattern: note.load(ordering: .relaxed)) else { return }
    let before = errno
    let handler = setHandler(SIGPIPE, SIG_IGN)
    _ = write(2, note, strlen(note))
    setHandler(SIGPIPE, handler)
    errno = before
  }

  package static func endWatch() {
    for number in [SIGINT, SIGTERM] where !isIgnored(number) { setHandler(number, SIG_DFL) }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Ends the process as the signal would have.
  package static func end(by number: Int32) -> Never {
    setHandler(number, SIG_DFL)
    // Threads of Dispatch, which tasks run on, do not take signals.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
    Platform.exit(128 + number)
  }
}

#if canImport(Darwin)
  private typealias Handler = @convention(c) (Int32) -> Void
#else
  private typealias Handler = __sighandler_t
#endif

/// `signal`, whose name `Interruption` uses itself.
@discardableResult
private func setHandler(_ number: Int32, _ handler: Handler?) -> Handler? {
  signal(number, handler)
}
