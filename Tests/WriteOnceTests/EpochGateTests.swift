// Goal: R3, a gate lets in whoever believes in the layout in force, and nobody else, for ever.
// Method: all sequences of four seals and installs, each held against a model that keeps the whole
// past, and every request asked after each step.
import CorfuGlobalLog
import CorfuStripeMirror
import CorfuWriteOnce
import Testing

private enum Step: CustomStringConvertible {
  case seal(UInt64)
  case install(LayoutID)

  var description: String {
    switch self {
    case .seal(let epoch): "seal \(epoch)"
    case .install(let layout): "install \(layout.epoch)/\(layout.hash)"
    }
  }
}

/// Remembers everything, and computes nothing in advance.
private struct Model {
  var past: [Step] = []

  var sealed: UInt64 {
    past.reduce(0) { highest, step in
      switch step {
      case .seal(let epoch): max(highest, epoch)
      case .install(let layout):
        max(highest, layout.epoch.number == 0 ? 0 : layout.epoch.number - 1)
      }
    }
  }

  var installed: LayoutID? {
    var newest: LayoutID?
    for case .install(let layout) in past where newest.map({ $0.epoch < layout.epoch }) ?? true {
      newest = layout
    }
    return newest
  }

  func admits(_ layout: LayoutID) -> Bool {
    layout == installed && layout.epoch.number > sealed
  }
}

private let layouts = [(1, 7), (1, 8), (2, 7), (3, 7), (3, 8)].map { epoch, hash in
  LayoutID(epoch: Epoch(UInt64(epoch)), hash: UInt64(hash))
}

struct EpochGateTests {
  @Test("R3: all sequences of four steps, against a model")
  func sequences() {
    let steps = (1...4).map { Step.seal(UInt64($0)) } + layouts.map { Step.install($0) }
    var count = 0
    func explore(_ gate: EpochGate, _ model: Model, _ depth: Int) {
      count += 1
      #expect(gate.sealed.number == model.sealed, "\(model.past)")
      #expect(gate.installed == model.installed, "\(model.past)")
      for layout in layouts { check(gate, model, layout) }
      #expect(EpochGate(sealed: gate.sealed, installed: gate.installed) == gate)
      if depth == 0 { return }
      for step in steps {
        var next = gate
        var past = model
        switch step {
        case .seal(let epoch): next.seal(Epoch(epoch))
        case .install(let layout):
          let isOther = gate.installed.map { $0.epoch == layout.epoch && $0 != layout } ?? false
          let refusal = next.install(layout)
          #expect(refusal == (isOther ? gate.installed.map { .otherLayout($0) } : nil))
          if isOther { #expect(next == gate) }
        }
        past.past.append(step)
        // A refused layout never was.
        if next == gate, case .install = step { past = model }
        explore(next, past, depth - 1)
      }
    }
    explore(EpochGate(), Model(), 4)
    #expect(count > 5000)
  }

  private func check(_ gate: EpochGate, _ model: Model, _ layout: LayoutID) {
    let refusal = gate.refusal(of: layout)
    #expect((refusal == nil) == model.admits(layout), "\(model.past), \(layout)")
    switch refusal {
    case nil: break
    case .sealed(let epoch, let newest):
      #expect(epoch.number == model.sealed && layout.epoch.number <= model.sealed && newest == nil)
    case .behind(let installed):
      #expect(installed == model.installed && layout.epoch > installed?.epoch ?? .zero)
    case .otherLayout(let installed):
      #expect(installed == model.installed && installed.epoch == layout.epoch)
    }
  }
}
