/// Dates of HTTP headers: IMF-fixdate of RFC 9110, for instance `Wed, 21 Oct 2015 07:28:00 GMT`.
package enum HTTPDate {
  /// Seconds since 1970; nil if the text is no such date.
  ///
  /// The day of the week is not checked.
  package static func seconds(_ text: String) -> Int? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = count(words[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(words[2])), words[3].utf8.count == 4,
      let year = count(words[3])
    else { return nil }
    let time = words[4].split(separator: ":").compactMap(count)
    guard time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
    // Years that begin in March, so that a leap day is the last.
    let years = month < 2 ? year - 1 : year
    let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
    let days = years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
    return ((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
