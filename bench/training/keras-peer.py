"""The peer of run.ts: Keras 2.14 training as ../shared/peers/keras-training does, an epoch at a time on request.

keras-peer.py MODEL PHASE IMAGES BATCH   MODEL mobilenetv2 | resnet101v2, PHASE head | fine-tune
Each line on standard input is answered with the seconds of one epoch, as JSON with the process' peak memory. The first
epoch traces the graph: ask for one before measuring. Random weights and images, 224x224, 11 classes, the original's
augmentation, images in memory (nothing is decoded).
"""
import json, os, sys, time
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from tensorflow import keras
from keras.preprocessing.image import ImageDataGenerator

name, phase, images, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
app, last = {"mobilenetv2": ("MobileNetV2", 5), "resnet101v2": ("ResNet101V2", 8)}[name]
augmentation = dict(rescale=1 / 255, rotation_range=10, zoom_range=.1, width_shift_range=.1, height_shift_range=.1, shear_range=.1,
                    horizontal_flip=True, vertical_flip=True, fill_mode="nearest", brightness_range=(.8, 1.2), channel_shift_range=20)
x = np.random.default_rng(0).integers(0, 256, (images, 224, 224, 3)).astype(np.float32)
y = np.eye(11, dtype=np.float32)[np.arange(images) % 11]
base = getattr(keras.applications, app)(include_top=False, weights=None, input_shape=(224, 224, 3))
base.trainable = phase == "fine-tune"
for layer in base.layers[:-last] if base.trainable else []:
    layer.trainable = False
model = keras.Sequential([base, keras.layers.GlobalAveragePooling2D(), keras.layers.Dropout(.2), keras.layers.Dense(11, activation="softmax")])
model.compile(keras.optimizers.Adam(5e-4), "categorical_crossentropy", ["accuracy"])
data = ImageDataGenerator(**augmentation).flow(x, y, batch_size=batch, shuffle=True, seed=1)


def peak_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


for _ in sys.stdin:
    start = time.perf_counter()
    model.fit(data, epochs=1, verbose=0)
    print(json.dumps({"seconds": time.perf_counter() - start, "peakBytes": peak_bytes()}), flush=True)
