import DLARecipes
import Testing

/// A training with the keys of PaddleClas's DLA recipes; line 1 is `Global`.
let wholeRecipe = """
  Global: # what surrounds the training
    epochs: 90
    output_dir: ./out/
    device: gpu
    eval_during_train: True
    eval_interval: 2
    save_interval: 5
    print_batch_step: 20
    checkpoints: null
    pretrained_model: null
    use_visualdl: False
    image_shape: [3, 64, 64]
    save_inference_dir: ./inference
  AMP: {use_amp: False, scale_loss: 128.0, level: O1}
  Arch: {name: DLA34, class_num: 10}
  Loss:
    Train:
      - CELoss: {weight: 1.0}
    Eval:
      - CELoss: {weight: 1.0}
  Optimizer:
    name: Momentum
    momentum: 0.9
    lr:
      name: Cosine
      learning_rate: 0.2
      warmup_epoch: 5
      warmup_start_lr: 1e-3
    regularizer: {name: 'L2', coeff: 0.0001}
  DataLoader:
    Train:
      dataset:
        name: ImageNetDataset
        image_root: ./data/
        cls_label_path: ./data/train.txt
        transform_ops:
          - DecodeImage: {to_rgb: True, channel_first: False}
          - RandCropImage: {size: 64}
          - RandFlipImage: {flip_code: 1}
          - NormalizeImage:
              scale: 1.0/255.0
              mean: [0.5, 0.4, 0.3]
              std: [0.25, 0.2, 0.1]
              order: ''
      sampler: {name: DistributedBatchSampler, batch_size: 32, drop_last: False, shuffle: True}
      loader: {num_workers: 4, use_shared_memory: True}
    Eval:
      dataset:
        name: ImageNetDataset
        image_root: ./data/
        cls_label_path: ./data/val.txt
        transform_ops:
          - DecodeImage: {to_rgb: True, channel_first: False}
          - ResizeImage: {resize_short: 80}
          - CropImage: {size: 64}
          - NormalizeImage:
              scale: 1.0/255.0
              mean: [0.5, 0.4, 0.3]
              std: [0.25, 0.2, 0.1]
              order: ''
      sampler: {name: DistributedBatchSampler, batch_size: 16, drop_last: False, shuffle: False}
      loader: {num_workers: 4, use_shared_memory: True}
  Infer:
    transforms:
      - ToCHWImage:
    PostProcess: {name: Topk, topk: 5}
  Metric:
    Train:
      - TopkAcc: {topk: [1, 5]}
    Eval:
      - TopkAcc: {topk: [1, 5]}

  """

/// The whole recipe with some values set.
func recipe(_ overrides: String...) throws -> PaddleRecipe {
  try PaddleRecipe(Array(wholeRecipe.utf8), name: "r.yaml", overrides: overrides)
}

/// The whole recipe with lines written otherwise.
func recipe(replacing text: String, by other: String) throws -> PaddleRecipe {
  let changed = wholeRecipe.replacing(text, with: other)
  #expect(changed != wholeRecipe, "\(text) is not in the recipe")
  return try PaddleRecipe(Array(changed.utf8), name: "r.yaml")
}

/// Reads untrusted bytes; an error must be one line that names the file.
func readHostile(_ bytes: [UInt8]) {
  do throws(RecipeError) {
    _ = try PaddleRecipe(bytes, name: "r.yaml")
  } catch {
    #expect(error.message.hasPrefix("r.yaml"), "\(error.message)")
    #expect(error.message.utf8.allSatisfy { $0 >= 0x20 }, "\(error.message)")
    #expect(error.message.utf8.count < 1000)
  }
}
