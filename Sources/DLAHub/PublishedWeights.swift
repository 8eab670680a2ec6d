import DLASystem

package enum PublishedWeights {
  /// The names of one network in three places.
  private struct Row {
    /// timm's name, which is ours.
    let model: String
    /// PaddleClas, ppcls/arch/backbone/model_zoo/dla.py, `MODEL_URLS`; nil where it has none.
    let paddle: String?
    /// The file of the original release; its name ends in the first digits of its SHA-256.
    let original: String?
  }

  private static let rows = [
    Row(model: "dla34", paddle: "DLA34", original: "dla34-ba72cf86.pth"),
    Row(model: "dla46_c", paddle: "DLA46_c", original: "dla46_c-2bfd52c3.pth"),
    Row(model: "dla46x_c", paddle: "DLA46x_c", original: "dla46x_c-d761bae7.pth"),
    Row(model: "dla60", paddle: "DLA60", original: "dla60-24839fc4.pth"),
    Row(model: "dla60x", paddle: "DLA60x", original: "dla60x-d15cacda.pth"),
    Row(model: "dla60x_c", paddle: "DLA60x_c", original: "dla60x_c-b870c45c.pth"),
    Row(model: "dla102", paddle: "DLA102", original: "dla102-d94d9790.pth"),
    Row(model: "dla102x", paddle: "DLA102x", original: "dla102x-ad62be81.pth"),
    Row(model: "dla102x2", paddle: "DLA102x2", original: "dla102x2-262837b6.pth"),
    Row(model: "dla169", paddle: "DLA169", original: "dla169-0914e092.pth"),
    Row(model: "dla60_res2net", paddle: nil, original: nil),
    Row(model: "dla60_res2next", paddle: nil, original: nil),
  ]

  private static let paddleFolder = "https://paddle-imagenet-models-name.bj.bcebos.com/dygraph"
  private static let originalFolder = "http://dl.yf.io/dla/models/imagenet"

  /// The sources of a network, in the order to try them.
  ///
  /// `HubSettings` lists the variables of the environment that the hub's source depends on. Without
  /// a publisher all are returned.
  ///
  /// - Returns: the sources; none for a network that is not in the table.
  /// - Throws: `HubError` if `HF_ENDPOINT` is no address or the token can't be one.
  package static func sources(
    of model: String, from publisher: WeightsSource.Publisher? = nil,
    _ variable: @escaping (String) -> String? = Platform.environment
  ) throws(HubError) -> [WeightsSource] {
    guard let row = rows.first(where: { $0.model == model }) else { return [] }
    func isAsked(_ other: WeightsSource.Publisher) -> Bool { publisher ?? other == other }
    // Errors in the environment matter for the hub only.
    var sources = isAsked(.timm) ? [try hub(model, variable)] : []
    if let name = row.paddle, isAsked(.paddle) {
      let address = try WebAddress("\(paddleFolder)/\(name)_pretrained.pdparams", name: name)
      sources.append(
        WeightsSource(publisher: .paddle, address: address, suffix: address.fileSuffix))
    }
    if let name = row.original, isAsked(.original) {
      let address = try WebAddress("\(originalFolder)/\(name)", name: name)
      let digits = name.split(separator: "-").last?.prefix { $0 != "." } ?? ""
      sources.append(
        WeightsSource(
          publisher: .original, address: address, suffix: address.fileSuffix,
          hash: ExpectedHash(String(digits))))
    }
    return sources
  }

  private static func hub(
    _ model: String, _ variable: @escaping (String) -> String?
  ) throws(HubError) -> WeightsSource {
    let settings = HubSettings(variable)
    let repository = HubRepository(name: "timm/\(model).in1k")
    let file = try repository.source(of: "model.safetensors", settings)
    var source = WeightsSource(
      publisher: .timm, address: file.address, suffix: file.suffix, token: file.token)
    source.cachedFile = settings.cachedFile(of: model)
    source.isOffline = file.isOffline
    return source
  }
}
