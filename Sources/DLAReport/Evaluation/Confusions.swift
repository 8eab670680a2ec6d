import DLAData

/// A class that was taken for another one.
struct Confusion {
  /// What the samples are.
  let label: Int
  /// What they were taken for.
  let prediction: Int
  /// How many.
  let count: Int
}

extension ConfusionMatrix {
  /// The most frequent mistakes, the most frequent first; of equal ones the earlier classes.
  func confusions(limit: Int) -> [Confusion] {
    var found: [Confusion] = []
    for label in 0..<classes {
      for prediction in 0..<classes where prediction != label {
        let count = self[label, prediction]
        guard count > 0, found.count < limit || count > found[limit - 1].count else { continue }
        if found.count == limit { found.removeLast() }
        let behind = found.firstIndex { $0.count < count }
        found.insert(
          Confusion(label: label, prediction: prediction, count: count),
          at: behind ?? found.endIndex)
      }
    }
    return found
  }

  /// What a class is most often taken for when it is not recognised; nil if it always is.
  func confusion(of label: Int) -> Confusion? {
    var most: Confusion?
    for prediction in 0..<classes
    where prediction != label && self[label, prediction] > most?.count ?? 0 {
      most = Confusion(label: label, prediction: prediction, count: self[label, prediction])
    }
    return most
  }
}
