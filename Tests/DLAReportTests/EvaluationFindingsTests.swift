import DLAData
import DLAReport
import Testing

struct EvaluationFindingsTests {
  @Test func theMostProbableMistakesAreKeptWithTheirPlaces() {
    var findings = EvaluationFindings(classes: 2)
    // 0 to 99 hundredths in another order; every tenth is correct.
    let order = (0..<100).map { $0 * 37 % 100 }
    for number in order {
      let prediction = number % 10 == 0 ? 0 : 1
      findings.add(classified("\(number)", label: 0, [(prediction, Float(number) / 100)]))
    }
    let expected = (0..<100).reversed().filter { $0 % 10 != 0 }
      .prefix(EvaluationFindings.maxMistakes)
    #expect(findings.mistakes.map(\.name) == expected.map { "\($0)" })
    #expect(findings.mistakes.map(\.place) == expected.map { order.firstIndex(of: $0) })
    #expect(findings.classes.map(\.count) == [100, 0])
    #expect(findings.classes.map(\.correct) == [10, 0])
    #expect(findings.classes[1].accuracy == nil)
  }

  @Test func earlierMistakesComeFirstWhereAllAreEquallyProbable() {
    var findings = EvaluationFindings(classes: 2)
    for number in 0..<50 { findings.add(classified("\(number)", label: 0, [(1, 0.5)])) }
    #expect(findings.mistakes.map(\.place) == Array(0..<EvaluationFindings.maxMistakes))
  }

  @Test func failuresCountAsPlaces() {
    var findings = EvaluationFindings(classes: 2)
    for number in 0..<150 {
      findings.add(
        Outcome(name: "\(number)", label: nil, classification: .failed("\(number): gone")))
    }
    findings.add(classified("last", label: 0, [(1, 0.5)]))
    #expect(findings.failures == (0..<EvaluationFindings.maxFailures).map { "\($0): gone" })
    #expect(findings.tally.failed == 150)
    #expect(findings.mistakes.map(\.place) == [150])
  }

  @Test func tooManyClassesHaveNoMatrix() {
    #expect(EvaluationFindings(classes: ConfusionMatrix.maxClasses).matrix != nil)
    var findings = EvaluationFindings(classes: ConfusionMatrix.maxClasses + 1)
    #expect(findings.matrix == nil)
    findings.add(classified("a", label: 4096, [(0, 1)]))
    #expect(findings.classes[4096].count == 1)
  }
}
