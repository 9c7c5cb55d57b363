"""Example bodies for the API's documentation; `docs/vectors/rotating-codes.json` has the same ticket."""

from typing import Any

ROTATING_CODE: dict[str, Any] = {
    "secret": "F3GXWTX3BQCNUGVILT4LLTLCANLYAJULQLCOHT3DXTB2JBXE7RDQ",
    "algorithm": "SHA256",
    "digits": 8,
    "period": 15,
    "static": "TF2:HVZ663ABTHZ2FHYQPRJI3DSPDJVSYTK7AGM7HITLAB6BDDYADMWD2TS7MEAAD26RTWLBMDT4TBDFKFDI"
    "TUKZSFTPG57D2Z6O326KECVYG53WJBR77UVJ5V6UBM2ZKEW55G3P3CGPRBV5FC6CXNGAGH5NTL634DYDM4AQ",
    "door_key_version": 1,
    "code_version": 1,
    "server_time": "2026-07-03T22:41:07.412000Z",
}
