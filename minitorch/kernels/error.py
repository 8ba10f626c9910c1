"""The error function and its complement, which NumPy lacks."""

from __future__ import annotations

import numpy as np

from minitorch.kernels import pieces
from minitorch.kernels.parallel import scratch

# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969).
_ERF_SMALL_P = (
    3.20937758913846947e03,
    3.77485237685302021e02,
    1.13864154151050156e02,
    3.16112374387056560e00,
    1.85777706184603153e-1,
)
_ERF_SMALL_Q = (
    2.84423683343917062e03,
    1.28261652607737228e03,
    2.44024637934444173e02,
    2.36012909523441209e01,
    1.0,
)
_ROOT_PI = 0.5641895835477562869  # 1 / sqrt(pi)
_ERFC_MIDDLE_P = (
    1.23033935479799725e03,
    2.05107837782607147e03,
    1.71204761263407058e03,
    8.81952221241769090e02,
    2.98635138197400131e02,
    6.61191906371416295e01,
    8.88314979438837594e00,
    5.64188496988670089e-1,
    2.15311535474403846e-8,
)
_ERFC_MIDDLE_Q = (
    1.23033935480374942e03,
    3.43936767414372164e03,
    4.36261909014324716e03,
    3.29079923573345963e03,
    1.62138957456669019e03,
    5.37181101862009858e02,
    1.17693950891312499e02,
    1.57449261107098347e01,
    1.0,
)
_ERFC_LARGE_P = (
    -6.58749161529837803e-4,
    -1.60837851487422766e-2,
    -1.25781726111229246e-1,
    -3.60344899949804439e-1,
    -3.05326634961232344e-1,
    -1.63153871373020978e-2,
)
_ERFC_LARGE_Q = (
    2.33520497626869185e-3,
    6.05183413124413191e-2,
    5.27905102951428412e-1,
    1.87295284992346047e00,
    2.56852019228982242e00,
    1.0,
)


def _horner(coefficients: tuple[float, ...], z: np.ndarray) -> np.ndarray:
    """Return the polynomial whose constant term comes first."""
    out = np.full_like(z, coefficients[-1])
    for c in coefficients[-2::-1]:
        out *= z
        out += c
    return out


def _cody(x: np.ndarray, complement: bool) -> np.ndarray:
    """Return erf, or 1 - erf, to float64 accuracy: Cody's three ranges of |x|."""
    a = np.abs(x)
    out = np.full_like(a, np.nan)
    small, large = a <= 0.46875, a > 4.0
    middle = (a > 0.46875) & (a <= 4.0)
    s = x[small]
    z = s * s
    erf_small = s * (_horner(_ERF_SMALL_P, z) / _horner(_ERF_SMALL_Q, z))
    out[small] = 1.0 - erf_small if complement else erf_small
    m = a[middle]
    tail = _gauss(m) * (_horner(_ERFC_MIDDLE_P, m) / _horner(_ERFC_MIDDLE_Q, m))
    out[middle] = _signed(tail, x[middle], complement)
    b = np.minimum(a[large], 30.0)
    z = 1.0 / (b * b)
    tail = _ROOT_PI + z * _horner(_ERFC_LARGE_P, z) / _horner(_ERFC_LARGE_Q, z)
    out[large] = _signed(_gauss(b) / b * tail, x[large], complement)
    return out


def _gauss(a: np.ndarray) -> np.ndarray:
    """Return ``exp(-a^2)``; a is split so that the square's rounding error is not exponentiated."""
    coarse = np.trunc(a * 16) / 16
    return np.exp(-coarse * coarse) * np.exp(-(a - coarse) * (a + coarse))


def _signed(tail: np.ndarray, x: np.ndarray, complement: bool) -> np.ndarray:
    """Return erf(x), or its complement, from ``tail = 1 - erf(|x|)``."""
    if complement:
        return np.where(x < 0, 2.0 - tail, tail)
    return np.copysign(1.0 - tail, x)


# atanh(erf(x)) / x as a polynomial in x^2, up to 16, constant term first: fitted by Lawson's
# reweighted least squares to the least relative error in erf, which is 1e-7.
_ERF32 = (
    1.12837927,
    1.02769056e-1,
    -1.91830864e-4,
    -6.19784605e-4,
    8.76373065e-5,
    -5.66847212e-6,
    1.4185202e-7,
)
_NORMAL32 = tuple(c * 0.5 ** (k + 0.5) for k, c in enumerate(_ERF32))  # of x / sqrt(2)


def _odd_tanh(x: np.ndarray, out: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """Write ``tanh(x p(x^2))`` to `out`.

    Beyond the range of the fit p grows until it overflows, and the result is 1 to the last digit.
    """
    z = scratch("erf square", x.shape, x.dtype)
    p = scratch("erf polynomial", x.shape, x.dtype)
    with np.errstate(over="ignore"):
        np.multiply(x, x, out=z)
        np.multiply(z, coefficients[-1], out=p)
        p += coefficients[-2]
        for c in coefficients[-3::-1]:
            p *= z
            p += c
        np.multiply(p, x, out=out)
    return np.tanh(out, out=out)


def erf(x: np.ndarray) -> np.ndarray:
    """Return the error function of `x`, to a few units in the last place of its dtype."""
    x = np.asarray(x)
    if x.dtype == np.float64:
        return _cody(x, complement=False)
    single = x.astype(np.float32, copy=False)
    return pieces.apply(_erf32, single).astype(x.dtype, copy=False)


def _erf32(x: np.ndarray, out: np.ndarray) -> None:
    _odd_tanh(x, out, _ERF32)


def normal(x: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Write the normal distribution function, ``(1 + erf(x / sqrt(2))) / 2``, to `out`."""
    if x.dtype == np.float64:
        out[...] = _cody(x * 0.5**0.5, complement=False)
    else:
        _odd_tanh(x, out, _NORMAL32)
    out += 1
    out *= 0.5
    return out


def erfc(x: np.ndarray) -> np.ndarray:
    """Return ``1 - erf(x)`` without cancellation for large x."""
    x = np.asarray(x)
    return _cody(x.astype(np.float64), complement=True).astype(x.dtype)
