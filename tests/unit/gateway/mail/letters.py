"""Letters as they really come, one for each way in which mail is odd; each asks for the same refund."""

ASKED = b"order: 1234\r\namount: 42.00\r\nreason: The parcel was lost by the carrier.\r\n"
HEAD = (
    b"From: Anna Kowalczyk <anna@morning.example>\r\nTo: refunds@morning.example\r\nMessage-ID: <1@morning.example>\r\n"
)


def plain(*more: bytes, body: bytes = ASKED) -> bytes:
    """A letter with further header lines."""
    return HEAD + b"".join(line + b"\r\n" for line in more) + b"\r\n" + body


OUTLOOK_HTML = (
    b"<html><head><style>p{color:red}</style></head><body><div class=WordSection1><p class=MsoNormal>order:&nbsp;1234"
    b"<o:p></o:p></p><p class=MsoNormal>amount: 42.00</p><p>reason: The parcel was lost by the carrier.</p>"
    b"<p style='display:none'>order: 6666</p></div></body></html>"
)
FORWARDED = (
    b"--outer\r\nContent-Type: text/plain\r\n\r\n" + ASKED + b"\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"
    b"From: customer@shop.example\r\nSubject: where is it\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n"
    b"--inner\r\nContent-Type: text/plain\r\n\r\norder: 9999\r\n--inner--\r\n--outer--\r\n"
)
WINMAIL = (
    b"--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + ASKED + b"--b\r\nContent-Type: application/ms-tnef; "
    b'name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAQAAEAAQ==\r\n--b--\r\n'
)
JAPANESE = "order: 1234\r\namount: 42.00\r\nreason: 荷物が配送中に紛失しました。\r\n".encode("iso2022_jp")

READABLE = {
    "a plain letter": plain(b"Subject: refund"),
    "8-bit words in the header": plain("Subject: Rückzahlung für Tomás".encode()),
    "latin-1 words in the header": plain("Subject: Rückzahlung für Tomás".encode("latin-1")),
    "a charset that nobody knows": plain(b"Content-Type: text/plain; charset=x-unknown-7"),
    "a charset that is a codec": plain(b"Content-Type: text/plain; charset=zlib_codec"),
    "a charset with a NUL in it": plain(b'Content-Type: text/plain; charset="utf\x00-8"'),
    "a boundary that never comes": plain(b'Content-Type: multipart/mixed; boundary="never"'),
    "a boundary that never ends": plain(
        b"Content-Type: multipart/mixed; boundary=b", body=b"--b\r\nContent-Type: text/plain\r\n\r\n" + ASKED
    ),
    "no boundary at all": plain(b"Content-Type: multipart/alternative"),
    "no header but From": b"From: anna@morning.example\r\n\r\n" + ASKED,
    "only line feeds": plain(b"Subject: refund").replace(b"\r\n", b"\n"),
    "a winmail.dat": plain(b"Content-Type: multipart/mixed; boundary=b", body=WINMAIL),
    "a letter forwarded inside": plain(b"Content-Type: multipart/mixed; boundary=outer", body=FORWARDED),
    "HTML only, from Outlook": plain(b"Content-Type: text/html; charset=utf-8", body=OUTLOOK_HTML),
    "broken base64": plain(b"Content-Transfer-Encoding: base64", body=b"b3JkZXI6IDEyMzQKYW1vdW50OiA0Mi4wMA"),
    "an encoding that nobody knows": plain(b"Content-Transfer-Encoding: x-uuenc-7"),
    "Japanese": plain(b"Content-Type: text/plain; charset=iso-2022-jp", body=JAPANESE),
    "an unquoted name with a comma in a parameter": plain(b"Content-Type: text/plain; name=a,b; charset=utf-8"),
    "a broken RFC 2231 name": plain(b"Content-Disposition: inline; filename*0*=utf-8'; filename*x=a"),
    "a header line without a colon": plain(b"this is no field"),
    "a subject that is badly encoded": plain(b"Subject: =?utf-8?b?w7x=====?= =?x?q?a?= =?utf-8?b?!?="),
}


def nested(depth: int) -> bytes:
    """Parts within parts."""
    opened = (b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(depth))
    return HEAD + b"".join(opened) + b"Content-Type: text/plain\r\n\r\n" + ASKED


HOSTILE = {
    "1,000 parts within parts": nested(1_000),
    "40 parts within parts": nested(40),
    "50,000 header fields": plain(*(b"X-%d: a" % n for n in range(50_000))),
    "5,000 short header fields": plain(*(b"X: a" for n in range(5_000))),
    "an open HTML tag of 900 KB": plain(b"Content-Type: text/html", body=b"<a " * 300_000),
    "an HTML part of 200,000 open tags": plain(b"Content-Type: text/html", body=b"<div>" * 200_000),
}
LARGE = {
    "a subject of 280 KB, encoded words without end": plain(b"Subject: " + b"=?utf-8?q?" * 28_000),
    "a subject of 280 KB, 17,000 encoded words": plain(b"Subject: " + b"=?utf-8?b?YWJj?= " * 17_000),
    "a From field of 100 KB, comments in comments": plain(b"X: a").replace(b"Anna Kowalczyk", b"(" * 100_000),
    "a line of 5 MB": plain(b"Subject: x", body=ASKED + b"\r\n" + b"a" * 5_000_000),
}
