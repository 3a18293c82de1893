"""TFDS's own checks of the builders: `python -m tests.datasets.tfds_test_case FOLDER`; they want TensorFlow and dill.

FOLDER has a made-up source for each builder, named like it. TFDS's class reads through `tf.data`, which it offers for
TFRecord files alone, so the builders write these in place of our array_record.
"""

import sys
from pathlib import Path

import tensorflow_datasets as tfds
from absl.testing import absltest

from tegashiki.datasets.builder import InkConfig
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.embedded import Embedded
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.symbols import Symbols

FOLDER = Path(sys.argv[-1])


class Common:
    SKIP_CHECKSUMS = True  # nobody publishes one of MathWriting's archive
    MOCK_OUT_FORBIDDEN_OS_FUNCTIONS = False  # sources are local, and read by pathlib and tarfile

    def _make_builder(self, config=None):
        return self.dataset_class(data_dir=self.tmp_dir, config=config, file_format="tfrecord")


class CrohmeTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Crohme
    EXAMPLE_DIR = FOLDER / "crohme"
    SPLITS = {"train": 4, "validation": 1, "train_2019_extra": 1, "test_2012": 1, "test_2014": 1}  # noqa: RUF012


class MathWritingTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = MathWriting
    EXAMPLE_DIR = FOLDER / "mathwriting"
    SPLITS = {"train": 2, "valid": 1}  # noqa: RUF012


class InkFolderTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = InkFolder
    EXAMPLE_DIR = FOLDER / "ink_folder"
    SPLITS = {"train": 2, "validation": 1}  # noqa: RUF012


class SymbolsTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Symbols
    EXAMPLE_DIR = FOLDER / "symbols"
    SPLITS = {"unipen": 2}  # noqa: RUF012


class EmbeddedTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Embedded
    EXAMPLE_DIR = FOLDER  # has nothing that it needs
    SPLITS = {"train": 3, "validation": 3, "test": 3}  # noqa: RUF012
    BUILDER_CONFIG_NAMES_TO_TEST = [InkConfig(name="limit_3", version=Embedded.VERSION, limit=3)]  # noqa: RUF012


if __name__ == "__main__":
    absltest.main(argv=sys.argv[:1])
