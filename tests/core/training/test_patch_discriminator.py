from __future__ import annotations

import torch

from irlnet_core.training.patch_discriminator import PatchDiscriminator, discriminator_loss, generator_loss

torch.set_num_threads(1)


def hole_in_a_corner() -> torch.Tensor:
    hole = torch.zeros(1, 1, 64, 64)
    hole[:, :, 8:24, 8:24] = 1
    return hole


def test_the_papers_discriminator_halves_the_picture_six_times() -> None:
    assert PatchDiscriminator()(torch.rand(1, 3, 128, 128), torch.zeros(1, 1, 128, 128)).shape == (
        1,
        256,
        2,
        2,
    )


def test_no_layer_lets_a_difference_grow() -> None:
    torch.manual_seed(0)
    judge = PatchDiscriminator(8, 2)
    with torch.no_grad():
        for values in judge.parameters():
            values.mul_(100)
        for _ in range(30):  # power iteration finds the largest singular value
            judge.train()(torch.rand(1, 3, 32, 32), torch.zeros(1, 1, 32, 32))

    for convolution in judge.convolutions:
        assert isinstance(convolution, torch.nn.Conv2d)
        assert 0.95 < torch.linalg.matrix_norm(convolution.weight.detach().flatten(1), 2) < 1.05


def test_it_learns_to_tell_grain_from_blur_in_the_hole() -> None:
    torch.manual_seed(0)
    judge, hole = PatchDiscriminator(8, 2), hole_in_a_corner()
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        real = torch.randn(1, 3, 64, 64)
        fake = real * (1 - hole)
        loss = discriminator_loss(judge(real, hole), judge(fake, hole), hole)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))

    assert losses[-1] < 0.9 * losses[0]
    assert generator_loss(judge(fake, hole), hole) > generator_loss(judge(real, hole), hole)


def test_what_is_said_far_from_the_hole_counts_for_nothing() -> None:
    hole, answers = hole_in_a_corner(), torch.randn(1, 4, 8, 8)
    others = answers.clone()
    others[:, :, 5:, :] = 99.0
    others[:, :, :, 5:] = 99.0

    assert generator_loss(answers, hole) == generator_loss(others, hole)
    assert discriminator_loss(answers, answers, hole) == discriminator_loss(others, others, hole)


def test_a_picture_without_a_hole_gives_no_loss() -> None:
    assert generator_loss(torch.randn(1, 4, 8, 8), torch.zeros(1, 1, 64, 64)) == 0
