"""What the room keeps: the vendor, instances, exports, machines, dry runs."""

from pronote_bridge.dry_run.models import (
    ColumnMapping,
    DryRun,
    DryRunLine,
    DryRunList,
    HandPairing,
)
from pronote_bridge.exports.models import Export, ExportedPerson
from pronote_bridge.instances.models import Instance, InstanceSchool
from pronote_bridge.machines.models import (
    MachineAccess,
    MachineCount,
    MachineFileKey,
    MachineSecret,
)
from pronote_bridge.vendor.models import VendorPartner

__all__ = [
    "ColumnMapping",
    "DryRun",
    "DryRunLine",
    "DryRunList",
    "Export",
    "ExportedPerson",
    "HandPairing",
    "Instance",
    "InstanceSchool",
    "MachineAccess",
    "MachineCount",
    "MachineFileKey",
    "MachineSecret",
    "VendorPartner",
]
