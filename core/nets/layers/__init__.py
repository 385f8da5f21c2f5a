"""Neural networks in NumPy: each layer and loss with its gradient worked out by hand.

>>> net = Sequential([Linear(2, 100, source), ReLU(), Linear(100, 1, source)])
>>> loss, optimiser = MSE(), SGD(net, learning_rate=0.1)
>>> loss.forward(net.forward(x), target)    # forward, loss
>>> net.backward(loss.backward())           # backward
>>> optimiser.step()                        # update, and repeat
"""

from core.nets.layers.batch_norm import BatchNorm
from core.nets.layers.bce_with_logits import BCEWithLogits
from core.nets.layers.conv import Conv
from core.nets.layers.dropout import Dropout
from core.nets.layers.elu import ELU
from core.nets.layers.flatten import Flatten
from core.nets.layers.gelu import GELU
from core.nets.layers.layer import Layer, Loss
from core.nets.layers.leaky_relu import LeakyReLU
from core.nets.layers.linear import Linear
from core.nets.layers.max_pool import MaxPool
from core.nets.layers.mse import MSE
from core.nets.layers.multiclass_svm import MulticlassSVM
from core.nets.layers.relu import ReLU
from core.nets.layers.sequential import Sequential
from core.nets.layers.sgd import SGD
from core.nets.layers.sigmoid import Sigmoid
from core.nets.layers.softmax_cross_entropy import SoftmaxCrossEntropy
from core.nets.layers.softplus import Softplus
from core.nets.layers.spatial_batch_norm import SpatialBatchNorm
from core.nets.layers.tanh import Tanh
from core.nets.layers.twin import as_in_torch, build_twin, copy_to_twin

__all__ = [
    "ELU",
    "GELU",
    "MSE",
    "SGD",
    "BCEWithLogits",
    "BatchNorm",
    "Conv",
    "Dropout",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Loss",
    "MaxPool",
    "MulticlassSVM",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Softplus",
    "SpatialBatchNorm",
    "Tanh",
    "as_in_torch",
    "build_twin",
    "copy_to_twin",
]
