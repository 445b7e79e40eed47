"""Makes the small ONNX models beside this script: python3 make_models.py (needs the package onnx).

Each gives image * (1 - mask) + mask * constant, times its output range, so that tests know what must come out; or is wrong in one way.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def model(name, batch=None, side=None, scale=1., constant=.25, image='image', mask='mask', swap=False, metadata=None, channels=3,
          dtype=TensorProto.FLOAT, nan=False):
    n, h, w = batch or 'n', side or 'h', side or 'w'
    inputs = [helper.make_tensor_value_info(image, dtype, [n, channels, h, w]),
              helper.make_tensor_value_info(mask, dtype, [n, 1, h, w])]
    outputs = [helper.make_tensor_value_info('result', dtype, [n, channels, h, w])]
    numpy_type = helper.tensor_dtype_to_np_dtype(dtype)
    constants = {'one': 1., 'constant': constant, 'scale': scale}
    initializers = [numpy_helper.from_array(np.array(v, numpy_type), k) for k, v in constants.items()]
    nodes = [helper.make_node('Sub', ['one', mask], ['known']),
             helper.make_node('Mul', [image, 'known'], ['kept']),
             helper.make_node('Mul', [mask, 'constant'], ['painted']),
             helper.make_node('Add', ['kept', 'painted'], ['filled']),
             helper.make_node('Mul', ['filled', 'scale'], ['result'])]
    if nan:                                            # 0/0 wherever a whole picture is black, and nowhere else
        nodes[-1:] = [helper.make_node('ReduceMax', [image], ['brightest'], keepdims=1, axes=[1, 2, 3]),
                      helper.make_node('Div', ['brightest', 'brightest'], ['one_or_nan']),
                      helper.make_node('Mul', ['filled', 'one_or_nan'], ['result'])]
    graph = helper.make_graph(nodes, name, inputs[::-1] if swap else inputs, outputs, initializers)
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    for key, value in (metadata or {}).items():
        entry = m.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(m)
    onnx.save(m, name + '.onnx')


model('fixed512-range255', batch=1, side=512, scale=255.)
model('dynamic-range255', scale=255.)
model('dynamic-swapped-names', image='mask_of_nothing', mask='an_image', swap=True)
model('batch3', batch=3)
model('modulo16-named', metadata={'lama.name': 'sixteen', 'lama.modulo': '16', 'lama.output_range': '0..255'}, scale=255.)
model('four-channels', channels=4)
model('half-precision', dtype=TensorProto.FLOAT16)
model('nan-on-black', nan=True)
model('black-hole', constant=0.)
