"""The cost of a number of EC2 instances that a resource launches: the instances, their volumes, addresses and metrics.

A launch template or a launch configuration has the properties that the launching resource does not have. A plan seldom
shows the operating system of an image, so that an instance is priced with Linux unless the plan shows another one.
Sources: https://aws.amazon.com/ec2/pricing/on-demand/, https://aws.amazon.com/ebs/pricing/ and
https://aws.amazon.com/cloudwatch/pricing/
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from guardrails.aws.references import resources_named_by
from guardrails.cost.bill import Bill, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.cost.resources.public_addresses import addresses_bill, is_given_by_subnet
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_list, read_partly, read_text

UNKNOWN_INSTANCE = "ec2_linux_hour"
OTHER_SYSTEM = "ec2_other_system_hour"
"""The key of an instance with another operating system than Linux, which the price table does not have."""

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_IMAGE = "aws:ec2/ami:Ami"
_LAUNCHED_FROM = ("launchTemplate.id", "launchTemplate.name", "launchConfiguration")
_IMAGES = ("ami", "imageId")
_SIZE_KEYS = ("size", "volumeSize")
_KIND_KEYS = ("type", "volumeType")
_PROVISIONED_IOPS = ("io1", "io2")
_DEFAULT_VOLUME = "gp2"
# The part of a gp3 volume's performance that its size includes: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
_INCLUDED = {"iops": 3_000, "throughput": 125}
# The systems with a license, as in the public parameters of AWS and in the names of images.
_LICENSED = re.compile(r"windows|suse|sles|rhel|red-?hat|sql", re.IGNORECASE)
_ROOTS = frozenset({"/dev/xvda", "/dev/sda1", "/dev/sda", "xvda", "sda1"})
"""The names of root volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html"""
_DETAILED_METRICS = 7
"""The metrics of an instance with detailed monitoring, as in the example on AWS's page of prices."""


def instances_bill(table: PriceTable, name: str, kind: str | None, count: Decimal) -> Bill:
    """Return the monthly cost of Linux instances of a type; `kind` is None if the type is not known."""
    if kind is None:
        return unknown_quantity(table, UNKNOWN_INSTANCE, name, "the type of its instances")
    return bill_for(table, f"{UNKNOWN_INSTANCE}:{kind}", name, count * HOURS_A_MONTH)


def other_system_bill(name: str, system: str, count: Decimal) -> Bill:
    """Return the bill of instances with another operating system than Linux, which have no price."""
    return unknown_price(OTHER_SYSTEM, name, count * HOURS_A_MONTH, f"the price of instances with {system}")


def launched_bill(table: PriceTable, plan: Plan, launched: Resource, count: Decimal) -> Bill:
    """Return the monthly cost of running instances without their volumes and addresses."""
    kind = _kind_of(plan, launched)
    if (system := _other_system(plan, launched)) is not None:
        instances = other_system_bill(launched.name, system, count)
    else:
        instances = instances_bill(table, launched.name, kind, count)
    if not _is_monitored(plan, launched):
        return instances
    return Bill.of([instances, bill_for(table, "metric_month", launched.name, count * _DETAILED_METRICS)])


def address_bill(
    table: PriceTable, plan: Plan, launched: Resource, count: Decimal, *, subnets: str, is_worst: bool
) -> Bill:
    """Return the monthly cost of the public addresses of instances; one that may have an address has it at worst.

    `subnets` is the property that names the subnets.
    """
    has_address = _has_address(plan, launched, subnets)
    is_billed = has_address or (is_worst and has_address is None)
    return addresses_bill(table, launched.name, count) if is_billed and count else Bill()


def volumes_bill(table: PriceTable, plan: Plan, launched: Resource, count: Decimal) -> Bill:
    """Return the monthly cost of the volumes of instances."""
    return Bill.of(
        volume_bill(table, launched.name, volume, count) for volume in _volumes(plan, launched) if count
    )


def volume_bill(table: PriceTable, name: str, volume: Any, count: Decimal = Decimal(1)) -> Bill:
    """Return the monthly cost of a number of volumes of the same size, by the properties of one of them."""
    properties = volume if isinstance(volume, Mapping) else {}
    kind, size = (
        next((properties[key] for key in keys if properties.get(key) is not None), None)
        for keys in (_KIND_KEYS, _SIZE_KEYS)
    )
    key = f"ebs_{kind if isinstance(kind, str) else _DEFAULT_VOLUME}_gb_month"
    if not _is_quantity(size):
        return unknown_quantity(table, key, name, "the size of its volumes")
    bills = [bill_for(table, key, name, Decimal(str(size)) * count)]
    if kind in _PROVISIONED_IOPS:
        iops, key = properties.get("iops"), f"ebs_{kind}_iops_month"
        if _is_quantity(iops):
            bills.append(bill_for(table, key, name, Decimal(str(iops)) * count))
        else:
            bills.append(unknown_quantity(table, key, name, "the provisioned IOPS of its volumes"))
    if kind == "gp3":
        bills += _performance(table, name, properties, count)
    return Bill.of(bills)


def _performance(
    table: PriceTable, name: str, properties: Mapping[str, Any], count: Decimal
) -> Iterator[Bill]:
    """Yield the IOPS and the throughput of gp3 volumes beyond the part that their size includes."""
    for path, included in _INCLUDED.items():
        key = f"ebs_gp3_{path}_month"
        value: Any = properties.get(path)
        if value is UNKNOWN:
            yield unknown_quantity(table, key, name, f"the {path} of its volumes")
        elif _is_quantity(value) and value > included:
            yield bill_for(table, key, name, (Decimal(str(value)) - included) * count)


def _is_quantity(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _template_of(plan: Plan, launched: Resource) -> Resource | None:
    """Return the launch template or configuration that a resource launches instances from, if it is in the plan."""
    for path in _LAUNCHED_FROM:
        for template in resources_named_by(plan, launched, path, _TEMPLATE, _CONFIGURATION):
            return template
    return None


def _from_template(plan: Plan, launched: Resource) -> Iterator[Resource]:
    """Yield a launching resource, and its template if there is one."""
    yield launched
    if template := _template_of(plan, launched):
        yield template


def _kind_of(plan: Plan, launched: Resource) -> str | None:
    """Return the instance type of an instance, or that of its launch template or configuration; None if unknown."""
    try:
        types = (read_text(source, "instanceType") for source in _from_template(plan, launched))
        return next((type_ for type_ in types if type_ is not None), None)
    except PropertyError:
        return None


def _other_system(plan: Plan, launched: Resource) -> str | None:
    """Return the operating system of instances if the plan shows another one than Linux."""
    for source in _from_template(plan, launched):
        if source.properties.get("getPasswordData") is True:
            # AWS has a password of Windows instances alone.
            return "Windows"
        for path in _IMAGES:
            image = source.properties.get(path)
            named = resources_named_by(plan, source, path, _IMAGE) if image is not None else []
            shown = (image, *(one.properties.get(key) for one in named for key in ("platform", "name")))
            for text in shown:
                if isinstance(text, str) and (licensed := _LICENSED.search(text)):
                    return (
                        f"the system of the image {text}" if licensed[0].lower() != "windows" else "Windows"
                    )
    return None


def _is_monitored(plan: Plan, launched: Resource) -> bool:
    """Return True if instances have detailed monitoring, which a launch configuration enables by default."""
    for source in _from_template(plan, launched):
        if source.type == _CONFIGURATION:
            return read_partly(source, "enableMonitoring") is not False
        monitoring = read_partly(source, "monitoring")
        enabled = monitoring.get("enabled") if isinstance(monitoring, Mapping) else monitoring
        if enabled is not None:
            return enabled in (True, UNKNOWN)
    return False


def _has_address(plan: Plan, launched: Resource, subnets: str) -> bool | None:
    """Return True if instances get a public address, or None if that is not known."""
    named: list[bool | None] = []
    for source in _from_template(plan, launched):
        interfaces = read_partly(source, "networkInterfaces")
        listed = interfaces if isinstance(interfaces, list | tuple) else ()
        own = [one.get("associatePublicIpAddress") for one in listed if isinstance(one, Mapping)]
        given = (source.properties.get("associatePublicIpAddress"), *own)
        named += [one is UNKNOWN or str(one).lower() == "true" for one in given if one is not None]
        if interfaces is UNKNOWN:
            named.append(None)
    return any(named) or (None if None in named else False) if named else _by_subnet(plan, launched, subnets)


def _by_subnet(plan: Plan, launched: Resource, subnets: str) -> bool | None:
    template = _template_of(plan, launched)
    interfaces = read_partly(launched, "networkInterfaces") or (
        read_partly(template, "networkInterfaces") if template else None
    )
    if not interfaces or read_partly(launched, subnets) is not None:
        return is_given_by_subnet(plan, launched, subnets)
    # An interface of its own is in its own subnet.
    return None


def _volumes(plan: Plan, launched: Resource) -> Iterator[Any]:
    """Yield the volumes of an instance, its own and its template's; the size of a root volume may be unknown."""
    root, template = read_partly(launched, "rootBlockDevice"), _template_of(plan, launched)
    own = read_list(launched, "ebsBlockDevices")
    named = [device.get("deviceName") for device in own if isinstance(device, Mapping)]
    has_root = root is not None
    if template:
        further = read_partly(template, "ebsBlockDevices")
        mappings = read_partly(template, "blockDeviceMappings")
        if root is None:
            root = read_partly(template, "rootBlockDevice")
            has_root = root is not None
        for device in (*_listed(mappings), *_listed(further)):
            volume, name = _mapped(device)
            is_root = isinstance(name, str) and name in _ROOTS
            if volume is None or (name and name in named) or (is_root and has_root):
                continue
            yield volume
            has_root = has_root or is_root
    if root is not None or not has_root:
        yield root
    yield from own


def _listed(devices: Any) -> tuple[Any, ...]:
    return (UNKNOWN,) if devices is UNKNOWN else tuple(devices) if isinstance(devices, list | tuple) else ()


def _mapped(device: Any) -> tuple[Any, Any]:
    """Return the volume and the name of a device, without a volume if it is a disk of the instance itself."""
    if not isinstance(device, Mapping):
        return UNKNOWN, None
    if device.get("virtualName") or device.get("noDevice"):
        return None, None
    return device.get("ebs", device), device.get("deviceName")
