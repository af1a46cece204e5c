"""The starter database: processes of China compiled from cited public facts."""
