import DLATraining
import Testing

struct TrainingPositionTests {
  /// Of epochs with as many right images the one with the smaller loss is the best.
  @Test func lossDecidesBetweenEqualShares() {
    let first = TrainingPosition.Best(epoch: 1, top1: 0.5, loss: 1.5)
    #expect(TrainingPosition.Best(epoch: 2, top1: 0.5, loss: 1.4).isBetter(than: first))
    #expect(!TrainingPosition.Best(epoch: 2, top1: 0.5, loss: 1.5).isBetter(than: first))
    #expect(!TrainingPosition.Best(epoch: 2, top1: 0.4, loss: 0.1).isBetter(than: first))
    #expect(TrainingPosition.Best(epoch: 2, top1: 0.6, loss: 9).isBetter(than: first))
  }
}
