// The public face of the product: everything of `DeepLayerAggregation`, and single declarations of
// the modules below. Nothing else of those modules is visible to a program that imports this one.

@_exported import DeepLayerAggregation

@_exported import struct DLAData.Augmentation
@_exported import struct DLAData.AugmentationError
@_exported import enum DLAData.AugmentationPolicy
@_exported import struct DLAData.ColorJitter
@_exported import enum DLAData.ImageFilter
@_exported import struct DLAData.RandAugment
@_exported import struct DLAData.RandomErasing
@_exported import struct DLAData.RandomResizedCrop
@_exported import struct DLAData.TimmRandAugment
@_exported import struct DLARecipes.PaddleRecipe
@_exported import struct DLARecipes.PaddleRun
@_exported import struct DLARecipes.RecipeError
@_exported import enum DLATraining.ClassWeights
@_exported import struct DLATraining.EpochRecord
@_exported import struct DLATraining.InitialWeights
@_exported import struct DLATraining.LearningRateRecipe
@_exported import struct DLATraining.StepRecord
@_exported import class DLATraining.Trainer
@_exported import class DLATraining.TrainingBatches
@_exported import struct DLATraining.TrainingData
@_exported import struct DLATraining.TrainingError
@_exported import struct DLATraining.TrainingRecipe
@_exported import enum DLATraining.TrainingRecord
