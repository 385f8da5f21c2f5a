"""An RNN and an LSTM learn to say what is in a picture."""

from core.captions.gradients import log_p, reaching
from core.captions.race import Race, loss_of
from core.captions.writing import bleu, write
from core.data.captions import MOST_MEGABYTES, keep_album
from core.experiments.sequences.caption_training import CaptionTraining
from core.nets.captioner import Captioner
from dashboard.lesson import HandOver, OwnData, Preset, Scene
from dashboard.stage import Curves, Images, Line, Plot, Stage, Tokens, Trace

STAGE = Stage(
    columns=(
        (
            Curves(
                title="BLEU",
                note="dashed: captions that are true",
                alt="BLEU of both nets on validation pictures, and the share of true captions.",
                lines=(
                    Line("rnn.bleu", "RNN", "c0"),
                    Line("lstm.bleu", "LSTM", "c1"),
                    Line("rnn.true", "", "c0", dashed=True),
                    Line("lstm.true", "", "c1", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Loss",
                note="nats per word; dashed: validation",
                alt="The loss of both nets on the batch and on validation pictures.",
                lines=(
                    Line("rnn.loss", "RNN", "c0"),
                    Line("lstm.loss", "LSTM", "c1"),
                    Line("rnn.validation_loss", "", "c0", dashed=True),
                    Line("lstm.validation_loss", "", "c1", dashed=True),
                ),
                y_range=(0.0, 3.0),
            ),
        ),
        (
            Images(
                title="Pictures",
                note="never learnt from",
                alt="Three validation pictures.",
                images="pictures",
                columns=3,
                captions="numbers",
            ),
            Tokens(
                title="What the last net says",
                note="framed: true of the scene",
                alt="The captions that the last net writes of the three pictures.",
                tokens="says",
                chosen="true",
            ),
        ),
        (
            Images(
                title="Where the words come from",
                note="lit by the gradient",
                alt="The three pictures, lit where their pixels matter for a true caption.",
                images="light",
                columns=3,
                captions="numbers",
            ),
            Plot(
                title="Gradient from word to picture",
                alt="The mean length of the gradient from each word to the picture's features.",
                lines=(Trace("at", "rnn", "RNN", "c0"), Trace("at", "lstm", "LSTM", "c1")),
                log_y=True,
                x_range=(1.0, 13.0),
                x_title="word",
            ),
        ),
    ),
    widths=(1.0, 1.0, 1.0),
)

SCENE = Scene(
    key="train",
    name="Learn to tell",
    experiment="caption_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"width": 512, "epochs": 50, "batch_size": 25}),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(CaptionTraining.step, Captioner, Race.learn, loss_of, write, bleu, log_p, reaching),
    speed=None,
    own_data=(
        OwnData(
            setting="album",
            types=("zip",),
            help="A ZIP of pictures and of a JSON file as COCO has it, with images (id, file_name)"
            " and annotations (image_id, caption): 10 to 5,000 pictures, of which every fifth is"
            " for validation. They are made 32 × 32; of each ten captions are kept.",
            read=keep_album,
            label="Your own pictures",
            megabytes=MOST_MEGABYTES,
        ),
    ),
    hand_over=HandOver(
        label="Watch these nets write", scene="write", setting="weights", carry=("album",)
    ),
)
