"""Kubernetes' function libraries: values and edge cases."""

from __future__ import annotations

import pytest

from kubern.cel.env import Env
from kubern.cel.errors import CelError
from kubern.cel.kubernetes import base_env


@pytest.fixture(scope="module")
def env() -> Env:
    return base_env()


TRUE = """
isIP('192.0.2.1') && !isIP('192.0.2.01') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')
ip('::1').family() == 6 && ip('127.0.0.1').isLoopback() && ip('::1').isLoopback()
ip('2001:db8::abcd') == ip('2001:DB8::ABCD') && ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')
ip('224.0.0.1').isLinkLocalMulticast() && ip('169.254.1.1').isLinkLocalUnicast() && ip('ff02::1').isLinkLocalMulticast()
ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && ip('0.0.0.0').isUnspecified()
string(ip('192.168.0.1')) == '192.168.0.1' && type(ip('::1')) == net.IP
isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')
cidr('192.168.0.0/16').containsIP(ip('192.168.10.1')) && cidr('192.168.0.0/16').containsIP('192.168.10.1')
!cidr('192.168.0.0/24').containsIP('192.168.1.1') && !cidr('192.168.0.0/24').containsIP('::1')
cidr('10.0.0.0/8').containsCIDR('10.2.0.0/16') && !cidr('10.0.0.0/16').containsCIDR('10.0.0.0/8')
cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24') && cidr('::1/128').prefixLength() == 128
cidr('192.168.1.5/24').ip() == ip('192.168.1.5') && string(cidr('192.168.1.5/24')) == '192.168.1.5/24'
isURL('https://user:pass@example.com:80/p%20q?x=1&x=2&y=') && !isURL('nowhere') && isURL('/absolute/path')
url('https://example.com:80/a b').getHost() == 'example.com:80' && url('https://[::1]:80/').getHostname() == '::1'
url('https://example.com/p%2Fq').getEscapedPath() == '/p%2Fq' && url('https://e/a b').getEscapedPath() == '/a%20b'
url('https://e/?k=a&k=b&c').getQuery() == {'k': ['a', 'b'], 'c': ['']} && url('https://e:8/').getPort() == '8'
url('https://e/').getScheme() == 'https' && url('https://e/') == url('https://e/')
isQuantity('1.5Gi') && !isQuantity('1.5Gx') && quantity('1.5Gi') == quantity('1536Mi')
quantity('1k').isLessThan(quantity('1Ki')) && quantity('2').compareTo(quantity('1')) == 1 && quantity('-1').sign() == -1
quantity('50k').add(quantity('20')) == quantity('50020') && quantity('50k').sub(20) == quantity('49980')
quantity('50k').isInteger() && quantity('50k').asInteger() == 50000 && !quantity('1500m').isInteger()
quantity('1500m').asApproximateFloat() == 1.5
isSemver('1.2.3-rc.1+b') && !isSemver('1.2') && isSemver('v1.2', true) && !isSemver('01.2.3')
semver('1.2.3-rc1').isLessThan(semver('1.2.3')) && semver('1.2.3-1').isLessThan(semver('1.2.3-a'))
semver('v01.2', true).compareTo(semver('1.2.0+x')) == 0 && semver('1.2.3').major() == 1 && semver('1.2.3').patch() == 3
'abc 123 def 456'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == '' && 'a1b2'.findAll('[0-9]') == ['1', '2']
'a1b2c3'.findAll('[0-9]', 2) == ['1', '2'] && 'a1'.findAll('[0-9]', 0) == [] && 'xay'.findAll('a*') == ['', 'a', '']
[1, 2, 2].isSorted() && ![2, 1].isSorted() && [1, 2].sum() == 3 && [1.5, 2.0].sum() == 3.5
[duration('1s'), duration('2s')].sum() == duration('3s') && ['b', 'a'].min() == 'a' && [3, 1].max() == 3
['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2 && [1].indexOf(2) == -1
sets.contains([1, 2], [2]) && !sets.contains([1], [1, 2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])
[1, 2, 3, 4].slice(1, 3) == [2, 3] && [[[1]], [[2], [3]]].flatten(2) == [1, 2, 3] && [3, 1, 2].sort() == [1, 2, 3]
['ccc', 'a', 'bb'].sortBy(s, s.size()) == ['a', 'bb', 'ccc'] && lists.range(3) == [0, 1, 2]
[1, 2, 3].reverse() == [3, 2, 1] && [1, 2, 1].distinct() == [1, 2] && ['b', 'a', 'b'].distinct() == ['b', 'a']
!format.dns1123Label().validate('ok-1').hasValue() && format.dns1123Label().validate('-Bad').hasValue()
format.named('dns1123Subdomain').value() == format.dns1123Subdomain() && !format.named('x').hasValue()
!format.labelValue().validate('').hasValue() && format.qualifiedName().validate('a b').value().size() == 1
!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue() && format.uuid().validate('x').hasValue()
format.uri().validate('x').value() == ['parse "x": invalid URI for request'] && format.byte().validate('?').hasValue()
!format.date().validate('2024-02-29').hasValue() && format.date().validate('2023-02-29').hasValue()
!format.datetime().validate('2024-02-29T00:00:00Z').hasValue() && format.datetime().validate('x').hasValue()
'%s %d %b %x %o'.format([dyn('a'), dyn(5), dyn(5), dyn(255), dyn(8)]) == 'a 5 101 ff 10'
'%.2f|%s|%s'.format([dyn(1234.5), dyn([1, 2]), dyn({'k': 'v'})]) == '1,234.50|[1, 2]|{"k":"v"}'
'%e'.format([1052.032911275]) == '1.052033\u00a0×\u00a010⁰³'
'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && ' x '.trim() == 'x' && 'aXb'.upperAscii() == 'AXB'
optional.of(1).optMap(x, x + 1).value() == 2 && {'a': 1}[?'b'].orValue(5) == 5 && [1, 2].first().value() == 1
timestamp('2020-01-01T00:00:00Z').getHours('Europe/Berlin') == 1 && duration('90s').getMinutes() == 1
1 < 1.5 && 2u > 1 && dyn(1) == 1.0 && dyn(1u) == 1
"""


@pytest.mark.parametrize("text", TRUE.strip().splitlines())
def test_library(env: Env, text: str) -> None:
    """Each line holds."""
    assert env.compile(text).evaluate({}).value is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "cidr('10.0.0.0/33')",
            "network address parse error during conversion from string: network address parse error during "
            'conversion from string: netip.ParsePrefix("10.0.0.0/33"): prefix length out of range',
        ),
        (
            "ip('1.2.3')",
            'IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short',
        ),
        ("ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'),
        ("semver('1.2.x')", 'Invalid character(s) found in patch number "x"'),
        ("semver('01.2.3')", 'Major number must not contain leading zeroes "01"'),
        ("quantity('9999999999999999999').asInteger()", "cannot convert value to integer"),
        ("[1, 2].slice(0, 3)", "cannot slice(0, 3), list is length 2"),
        (
            "url('https://e/%zz')",
            'URL parse error during conversion from string: parse "https://e/%zz": invalid URL escape "%zz"',
        ),
    ],
)
def test_errors_of_libraries(env: Env, text: str, message: str) -> None:
    """Errors have upstream's texts."""
    with pytest.raises(CelError) as caught:
        env.compile(text).evaluate({})
    assert str(caught.value) == message
