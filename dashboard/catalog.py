"""Chapters and pages in teaching order: the only list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "assets" / "images"


@dataclass(frozen=True)
class Entry:
    """A page: its address, its name, and the question it answers."""

    path: str
    title: str
    question: str

    @property
    def script(self) -> Path:
        """The page's file."""
        return ROOT / "pages" / f"{self.path}.py"

    def picture(self, shade: str) -> Path:
        """A screenshot of its stage, "light" or "dark"."""
        return IMAGES / f"{self.path}_{shade}.webp"


HOME = Entry("home", "Home", "Which question would you like to watch?")

CHAPTERS: dict[str, list[Entry]] = {
    "Foundations": [
        Entry(
            "regression",
            "Regression",
            "Points scatter about a line, or a curve, nobody sees. How does a machine find it?",
        ),
        Entry(
            "gradient_descent",
            "Gradient descent",
            "You can only feel the slope under your feet. How do you get down?",
        ),
        Entry(
            "backprop",
            "Backprop from scratch",
            "A net has thousands of weights and one error. How does each weight learn its share?",
        ),
        Entry(
            "activations",
            "Activations and losses",
            "When does a unit stop learning, however wrong it is?",
        ),
        Entry(
            "batch_norm",
            "Batch norm and dropout",
            "Why does a network learn better when every layer is measured by its batch?",
        ),
        Entry(
            "generalisation",
            "Generalisation",
            "A hundred nets miss hardly a point they have seen. What do they know of the rest?",
        ),
        Entry(
            "digits",
            "Digits",
            "Should we tell a machine what to look for, or let it find out by itself?",
        ),
    ],
    "Vision": [
        Entry(
            "convolution",
            "Convolution",
            "Nine numbers walk over a picture. What can they see?",
        ),
        Entry(
            "cnn",
            "Convolutional nets",
            "Nobody tells it what an edge is, or an ear. What does a net look for in a picture?",
        ),
        Entry(
            "shortcut",
            "Shortcut learning",
            "A net passes every test it was given. What has it learnt: the animal, or the label?",
        ),
        Entry(
            "adversarial",
            "Adversarial examples",
            "A change that nobody sees makes a cat a dog. How is it found, and can a net resist?",
        ),
        Entry(
            "saliency",
            "Saliency",
            "A net says “automobile”. Which pixels made it say so, and what would it love to see?",
        ),
        Entry(
            "style",
            "Style transfer",
            "Can one tell what a picture shows from how it is painted, and exchange the one?",
        ),
        Entry(
            "vision_transformer",
            "Vision transformer",
            "A net that does not know which patches are neighbours: can it learn to see?",
        ),
    ],
    "Sequences": [
        Entry(
            "recurrent_cells",
            "Recurrent cells",
            "Letters come one by one; one state has to remember. How far back does it reach?",
        ),
        Entry(
            "loss_spikes",
            "Loss spikes",
            "The loss falls for a thousand steps, then leaps. What threw the net off its feet?",
        ),
        Entry(
            "reviews",
            "Rating reviews",
            "“Not bad, but …” At which word does a reader know how many stars it will be?",
        ),
        Entry(
            "captions",
            "Captions",
            "A net sees a picture once, before its first word. Does it still know it at the tenth?",
        ),
        Entry(
            "attention",
            "Attention",
            "How can a token find, among all the others, the one it needs?",
        ),
        Entry(
            "translate",
            "Translation",
            "It writes one letter at a time. How does it know which letter to look at next?",
        ),
        Entry(
            "language_model",
            "Language models",
            "What does a machine have to know to guess the next piece of a word?",
        ),
        Entry(
            "summarise",
            "Distillation",
            "Can a small net learn from a large one what it does not learn from the data?",
        ),
    ],
    "Generative": [
        Entry(
            "vae",
            "Variational autoencoder",
            "A digit becomes eight uncertain numbers, and a digit again. What do they tell?",
        ),
        Entry(
            "gan",
            "Adversarial nets",
            "One net draws, one finds fault. Nobody says what is good. Who learns what from whom?",
        ),
        Entry(
            "diffusion_2d",
            "Diffusion in 2-D",
            "How can a network that only removes a little noise draw five states from nothing?",
        ),
        Entry(
            "diffusion_images",
            "Diffusion of images",
            "A net that only removes noise is told “seven”. How loudly must it be told?",
        ),
        Entry(
            "energies",
            "Energies",
            "One question, two right answers. What has to be low where both are, and high between?",
        ),
        Entry(
            "reading_words",
            "Reading words",
            "Nobody says where one letter ends and the next begins. How can a net read a word?",
        ),
        Entry(
            "robot_policy",
            "Robot policy",
            "Push the T home: left around it, or right? What does a robot do that saw both?",
        ),
    ],
}


def entry(path: str) -> Entry:
    """The entry of a page."""
    return next(entry for entries in CHAPTERS.values() for entry in entries if entry.path == path)
