Feature: Where people already run an incident, the gate works under theirs and opens no rival

  Scenario: They began before anything was seen
    Given maria runs what is wrong at payments-api in "#inc-42" under "INC-42"
    When payments-api is seen to crash-loop
    Then it is maria's incident that has the crash loop, and there is no other at payments-api
    And people read that "maria run it in #inc-42, ticket INC-42"

  Scenario: They take over what the gate saw first
    Given payments-api crash-loops in production after a release
    When maria takes the incident at payments-api over in "#inc-42" under "INC-42"
    Then it is maria's incident that has the crash loop, and there is no other at payments-api
    And the record says that alice attached it
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: When they go, it is the gate's again
    Given payments-api crash-loops in production after a release
    And maria runs what is wrong at payments-api in "#inc-42" under "INC-42"
    When maria leaves the incident at payments-api
    Then nobody runs the incident, which is still open
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: Whoever runs nothing can't leave
    Given payments-api crash-loops in production after a release
    When maria leaves the incident at payments-api
    Then it is told that there is "no open incident that people run"
    And nobody runs the incident, which is still open

  Scenario: A lead who can't be told from nobody is refused
    Given payments-api crash-loops in production after a release
    When nobody takes the incident at payments-api over
    Then it is told that "neither who runs it nor where is said"
    And nobody runs the incident, which is still open

  Scenario: An agent names no commander
    Given payments-api crash-loops in production after a release
    When an agent asks to say that maria runs the incident at payments-api
    Then it is told that its token isn't enough
    And nobody runs the incident, which is still open
    And nothing was opened, merged or spent, and nobody was told of a fix
