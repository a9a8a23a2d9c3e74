"""Answers of AWS's Price List, in the format of `GetProducts`."""

import json
from typing import Any


def product(
    usage_type: str, *tiers: tuple[str, str], region: str = "us-east-1", **attributes: str
) -> dict[str, Any]:
    """Return a product that costs so much from so many on, as in `("0", "0.04048")`."""
    return {
        "product": {
            "productFamily": "Compute",
            "attributes": {
                "servicecode": "AmazonECS",
                "usagetype": usage_type,
                "locationType": "AWS Region",
                "regionCode": region,
                "operation": "",
                **attributes,
            },
            "sku": "8CESGAFWKAJ98PME",
        },
        "serviceCode": "AmazonECS",
        "terms": {
            "OnDemand": {
                "8CESGAFWKAJ98PME.JRTCKXETXF": {
                    "priceDimensions": {
                        f"8CESGAFWKAJ98PME.JRTCKXETXF.{number}": {
                            "unit": "hours",
                            "beginRange": begin,
                            "endRange": "Inf",
                            "description": "AWS Fargate - vCPU - US East (N. Virginia)",
                            "appliesTo": [],
                            "rateCode": f"8CESGAFWKAJ98PME.JRTCKXETXF.{number}",
                            "pricePerUnit": {"USD": usd},
                        }
                        for number, (begin, usd) in enumerate(tiers)
                    },
                    "sku": "8CESGAFWKAJ98PME",
                    "effectiveDate": "2026-11-01T00:00:00Z",
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            }
        },
        "version": "20261121182130",
        "publicationDate": "2026-11-21T18:21:30Z",
    }


def answer(*products: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    """Return a page of an answer; a token says that there is another."""
    page = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in products]}
    return page | ({"NextToken": token} if token else {})
