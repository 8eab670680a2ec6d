import DLAData

/// A class that was taken for another one.
struct Confusion {
  /// What the samples are.
  let label: Int
  /// What they were taken for.
  let guess: Int
  /// How many.
  let count: Int
}

extension ConfusionMatrix {
  /// The most frequent mistakes, the most frequent first; of equal ones the earlier classes.
  func confusions(limit: Int) -> [Confusion] {
    var found: [Confusion] = []
    for label in 0..<classes {
      for guess in 0..<classes where guess != label {
        let count = self[label, guess]
        guard count > 0, found.count < limit || count > found[limit - 1].count else { continue }
        if found.count == limit { found.removeLast() }
        let behind = found.firstIndex { $0.count < count }
        found.insert(
          Confusion(label: label, guess: guess, count: count), at: behind ?? found.endIndex)
      }
    }
    return found
  }

  /// What a class is most often taken for when it is not recognised; nil if it always is.
  func confusion(of label: Int) -> Confusion? {
    var most: Confusion?
    for guess in 0..<classes where guess != label && self[label, guess] > most?.count ?? 0 {
      most = Confusion(label: label, guess: guess, count: self[label, guess])
    }
    return most
  }
}
