#!/usr/bin/perl
# Authen::CAS::Client, unmodified: validate.pl CAS_URL SERVICE TICKET prints the user and its attributes.
use strict;
use warnings;
use Authen::CAS::Client;

my ($url, $service, $ticket) = @ARGV;
my $answer = Authen::CAS::Client->new($url)->service_validate($service, $ticket);
print $answer->is_success ? $answer->user : "failure", "\n";
