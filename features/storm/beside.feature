Feature: What calls the thing that fails is named beside it, and hidden by nothing

  Background:
    Given payments-api crash-loops in production after a release

  Scenario: A caller of what fails is an incident of its own, and each names the other
    When storefront is told to fail as well
    Then the incidents of payments-api and storefront name each other
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: What calls nothing that fails stands by itself
    When image-mirror is told to fail as well
    Then the incident of image-mirror names no other
    And nothing was opened, merged or spent, and nobody was told of a fix
