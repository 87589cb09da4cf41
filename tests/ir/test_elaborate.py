"""Different spellings of one operator elaborate to one graph, and near misses do not."""

import pytest

import syno_lang
from syno_lang import Operator, SynoError

CONV = "operator conv<N, C, D, H, W; k = 3>(x: [N, C, H, W], weight w: [D, C, k, k]) -> [N, D, H, W]"
BODY = "{ out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, unfold(h, p), unfold(v, q)] * w[d, c, p, q] }"


def conv(body: str) -> Operator:
    return syno_lang.parse(f"{CONV} {body}")


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        "{ out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, h + p - k/2, v + q - k/2] * w[d, c, p, q] }",
        "{ out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, p + h - k/2, unfold(v, q)] * w[d, c, p, q] }",
        "{ out[a, b, y, z] = sum[q: k] sum[p: k, c: C] w[b, c, p, q] * x[a, c, unfold(y, p), unfold(z, q)] }",
        "{ y = unfold(h, p) out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, y, unfold(v, q)] * w[d, c, p, q] }",
        """graph {
            n, d, h, v = output
            p, q, c = reduce(k, k, C)
            p, p' = share(p) q, q' = share(q) c, c' = share(c)
            x[n, c, unfold(h, p), unfold(v, q)]
            w[d, c', p', q']
        }""",
    ],
)
def test_spellings_of_a_convolution(body: str) -> None:
    assert conv(body) == conv(BODY)
    assert conv(body).digest == conv(BODY).digest


@pytest.mark.parametrize(
    "body",
    [
        "{ out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, unfold(h, p), unfold(v, q)] * w[d, c, q, p] }",
        "{ out[n, d, h, v] = mean[c: C, p: k, q: k] x[n, c, unfold(h, p), unfold(v, q)] * w[d, c, p, q] }",
        "{ out[n, d, h, v] = sum[c: C, p: k, q: k] x[n, c, unfold(h, p), shift(unfold(v, q))] * w[d, c, p, q] }",
    ],
)
def test_near_misses_of_a_convolution(body: str) -> None:
    assert conv(body) != conv(BODY)
    assert conv(body).digest != conv(BODY).digest


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("k*i + j", "split(i, j)"),
        ("j + i*k", "split(i, j)"),
        ("(i + 1) % (C/k)*k + j", "split(shift(i), j)"),
        ("(k*i + j + 2) % C", "shift(split(i, j), 2)"),
        ("(k*i + j - 2) % C", "shift(split(i, j), d = -2)"),
    ],
)
def test_index_arithmetic(left: str, right: str) -> None:
    text = "operator f<C; k = 2>(x: [C]) -> [C/k, k] { out[i, j] = x[%s] }"
    assert syno_lang.parse(text % left) == syno_lang.parse(text % right)


def test_names_of_sizes_do_not_count() -> None:
    one = syno_lang.parse("operator f<A, B>(x: [A, B], weight w: [B]) -> [A] { out[a] = sum[b: B] x[a, b] * w[b] }")
    two = syno_lang.parse("operator g<Z, B>(y: [Z, B], weight v: [B]) -> [Z] { o[i] = sum[j: B] v[j] * y[i, j] }")
    assert one == two


def test_the_role_of_a_tensor_counts() -> None:
    text = "operator f<A, B>(x: [A, B], %s w: [B]) -> [A] { out[a] = sum[b: B] x[a, b] * w[b] }"
    assert syno_lang.parse(text % "weight") != syno_lang.parse(text % "")


def test_saying_that_a_coordinate_is_unused() -> None:
    spoken = syno_lang.parse("operator f<N, M>(x: [N]) -> [N, M] { out[n, m] = x[n] * expand(m) }")
    allowed = syno_lang.parse("operator f<N, M>(x: [N]) -> [N, M] allow(unused_output) { out[n, m] = x[n] }")
    assert spoken == allowed
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("operator f<N, M>(x: [N]) -> [N, M] { out[n, m] = x[n] }")
    assert [item.code for item in caught.value.diagnostics] == ["E0401"]


def test_reads_of_one_tensor_have_no_order() -> None:
    text = "operator f<N, K>(x: [N, K], y: [N]) -> [N] { out[n] = sum[a: K, b: K] x[n, a] * y[n] * x[%s] }"
    assert syno_lang.parse(text % "unfold(n, a), b") == syno_lang.parse(
        "operator f<N, K>(x: [N, K], y: [N]) -> [N]"
        "{ out[n] = sum[b: K, a: K] x[unfold(n, b), a] * x[n, b] * y[n] }"
    )


def test_picking_an_operator() -> None:
    text = (
        "operator f<N>(x: [N]) -> [N] { out[n] = x[n] }\noperator g<N>(x: [N]) -> [N] { out[n] = x[shift(n)] }"
    )
    assert syno_lang.parse(text, "g").name == "g"
    for name in (None, "h"):
        with pytest.raises(SynoError) as caught:
            syno_lang.parse(text, name)
        assert caught.value.diagnostics[0].code == "E0104"


def test_a_dropped_half_is_named_as_the_text_could_write_it() -> None:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("operator f<N, M; s = 2>(x: [N]) -> [N, s] { out[n, a] = x[split(n, a) / s] }")
    assert "`split(n, a) % s`" in str(caught.value)
